import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AddressRules } from '../../src/gateway/proxy/addressing/address-rules.js';
import { TestGateway } from '../support/gateway.ts';
import { processTimeOf } from '../support/process-time.ts';
import { RecordingUpstream } from '../support/recording-upstream.ts';

let gateway: TestGateway;
let server: Server;
let behave: (socket: Socket) => void;
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    behave(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  gateway = await TestGateway.start({ upstream: { baseUrl: urlOf(server) } });
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** How many seconds the gateway waits for the upstream; a minute, if a test says nothing. */
const limitTo = (timeoutSeconds: number) => gateway.upstreams.put({ id: 1, baseUrl: urlOf(server), timeoutSeconds });
const urlOf = (listening: Server) => `http://127.0.0.1:${(listening.address() as AddressInfo).port}/v1`;
const ask = (path = '/chat/completions') =>
  fetch(gateway.url + path, { method: 'POST', headers: { 'x-api-key': gateway.secret }, body: '{"model":"m"}' });
/** Answers with these bytes and then does what follows. */
const speak = (text: string, after: (socket: Socket) => void) => (socket: Socket) =>
  void socket.once('data', () => socket.write(text, () => after(socket)));

async function fault(): Promise<{ status: number; code: string; text: string; error: string | null }> {
  const answer = await ask();
  const text = await answer.text();
  const { error } = JSON.parse(text) as { error: { code: string } };
  const [call] = await gateway.ledger.atLeast(1);
  expect(call!.statusCode).toBe(answer.status);
  return { status: answer.status, code: error.code, text, error: call!.error };
}

describe('an upstream that fails before it answers', () => {
  it('is a 502 when nobody listens', async () => {
    gateway.upstreams.put({ id: 1, baseUrl: 'http://127.0.0.1:9/v1' });
    const { text, ...seen } = await fault();
    expect(seen).toEqual({ status: 502, code: 'bad_gateway', error: 'bad_gateway' });
    expect(text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|:9|sk-/);
    expect(gateway.ledger.calls[0]).toMatchObject({ reachedUpstream: false, upstreamId: 1, clientKeyId: 1 });
  });

  it.each<[string, (socket: Socket) => void]>([
    ['resets the connection', (socket) => void socket.once('data', () => socket.resetAndDestroy())],
    ['hangs up', (socket) => void socket.once('data', () => socket.end())],
    ['speaks no HTTP', speak('SSH-2.0-OpenSSH_9.9\r\n', (socket) => socket.end())],
    ['breaks off in its headers', speak('HTTP/1.1 200 OK\r\nContent-', (socket) => socket.end())],
    [
      'sends two lengths',
      speak('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', () => undefined),
    ],
    [
      'switches protocols',
      speak('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n', () => undefined),
    ],
    ['sends endless headers', speak(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, () => undefined)],
  ])('is a 502 when it %s', async (_what, conduct) => {
    behave = conduct;
    const { text, ...seen } = await fault();
    // At once: had the time limit of a minute come first, it would be a 504.
    expect(seen).toEqual({ status: 502, code: 'bad_gateway', error: 'bad_gateway' });
    expect(text).not.toMatch(/HPE_|socket|parse|undici/i);
  });

  it('is a 504 when it does not answer in time', async () => {
    limitTo(1);
    behave = () => undefined;
    const began = performance.now();
    const taken = await processTimeOf(async () => {
      const { text, ...seen } = await fault();
      expect(seen).toEqual({ status: 504, code: 'gateway_timeout', error: 'gateway_timeout' });
      expect(text).toContain('did not answer in time');
    });
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(taken).toBeLessThan(2000);
  });

  it('is waited for longer than an idle connection may live', async () => {
    gateway.server.setTimeout(100);
    behave = (socket) =>
      void socket.once('data', () => setTimeout(() => socket.end('HTTP/1.1 200 OK\r\n\r\nlate'), 400));
    expect(await (await ask()).text()).toBe('late');
  });

  it('is answered in the words of Anthropic below /messages', async () => {
    gateway.upstreams.put({ id: 1, baseUrl: 'http://127.0.0.1:9/v1' });
    const answer = await ask('/messages');
    expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'api_error', code: 'bad_gateway' } });
  });
});

describe('an upstream that fails while it answers', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
  const event = '9\r\ndata: 1\n\n\r\n';

  it.each<[string, string, (socket: Socket) => void, string]>([
    ['breaks off', head + event, (socket) => socket.destroy(), 'cut_off'],
    ['falls silent', head + event, () => undefined, 'stalled'],
    [
      'sends less than it announced',
      'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ndata: 1\n\n',
      (s) => s.end(),
      'cut_off',
    ],
    ['sends a broken chunk', `${head + event}zz\r\n`, () => undefined, 'cut_off'],
  ])('gives the client what there is, and a broken end, when it %s', async (_what, bytes, after, error) => {
    if (error === 'stalled') limitTo(2);
    behave = speak(bytes, after);
    const answer = await ask();
    expect(answer.status).toBe(200);
    const reader = answer.body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('data: 1\n\n');
    await expect(reader.read()).rejects.toThrow('terminated');
    const [call] = await gateway.ledger.atLeast(1);
    expect(call).toMatchObject({ statusCode: 200, error, settlement: 'unknown', reachedUpstream: true });
  });
});

describe('an upstream that answers with an error', () => {
  it('has its own words passed on', async () => {
    const body = '{"error":{"code":402,"message":"Insufficient credits."}}';
    const type = 'Content-Type: application/json';
    behave = speak(`HTTP/1.1 402 Payment Required\r\nRetry-After: 9\r\n${type}\r\n\r\n${body}`, (socket) =>
      socket.end(),
    );
    const answer = await ask();
    expect(answer.status).toBe(402);
    expect(answer.headers.get('retry-after')).toBe('9');
    expect(await answer.text()).toBe(body);
  });

  it('does not lead anywhere else by a redirect', async () => {
    await using elsewhere = await RecordingUpstream.start();
    const location = `http://127.0.0.1:${elsewhere.port}/`;
    behave = speak(`HTTP/1.1 307 Moved\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`, () => undefined);
    const headers = { 'x-api-key': gateway.secret };
    const answer = await fetch(`${gateway.url}/models`, { method: 'POST', headers, redirect: 'manual', body: '{}' });
    expect(answer.status).toBe(307);
    expect(elsewhere.requests).toEqual([]);
  });
});

describe('an upstream at an address that is not allowed', () => {
  const guarded = (...addresses: string[]) => {
    const found: LookupAddress[] = addresses.map((address) => ({ address, family: 4 }));
    return new AddressRules([], (_host, _options, done) => done(null, found));
  };

  it.each([
    ['when it is written down as an address', '127.0.0.1', guarded()],
    ['when its name leads there', 'upstream.test', guarded('127.0.0.1')],
    ['when one of the addresses of its name leads there', 'upstream.test', guarded('93.184.216.34', '127.0.0.1')],
  ])('is never connected to: %s', async (_when, host, rules) => {
    await using recorder = await RecordingUpstream.start();
    const baseUrl = `http://${host}:${recorder.port}/v1`;
    await using closed = await TestGateway.start({ rules, upstream: { baseUrl } });
    const answer = await fetch(`${closed.url}/models`, { headers: { 'x-api-key': closed.secret } });
    expect(answer.status).toBe(502);
    expect(await answer.text()).not.toContain(host);
    expect(await recorder.connections).toBe(0);
    expect(recorder.requests).toEqual([]);
  });
});

describe('a slow upstream', () => {
  it('keeps nobody else waiting', async () => {
    await using quick = await RecordingUpstream.start();
    gateway.upstreams.put({ id: 2, name: 'quick', baseUrl: quick.url });
    const secret = gateway.keys.issue({ upstreamIds: [1, 2] });
    const waiting: Socket[] = [];
    behave = (socket) => void waiting.push(socket);
    const headers = { 'x-api-key': secret };
    const slow = Array.from({ length: 50 }, () => fetch(`${gateway.url}/models`, { headers }));
    await expect.poll(() => waiting.length).toBe(50);
    const other = await fetch(`${gateway.url}/models`, { headers: { ...headers, 'x-upstream-name': 'quick' } });
    expect(other.status).toBe(200);
    // All the others were waiting while that one was served.
    expect(await gateway.ledger.atLeast(1)).toHaveLength(1);
    for (const socket of waiting) socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    const statuses = await Promise.all(slow.map(async (answer) => (await answer).status));
    expect(new Set(statuses)).toEqual(new Set([204]));
  });
});
