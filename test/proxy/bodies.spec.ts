import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BodyIntake, ClientLeft } from '../../src/gateway/proxy/requests/request-body.js';
import { TestGateway } from '../support/gateway.ts';
import { exchange, header, RecordingUpstream } from '../support/recording-upstream.ts';

const LIMIT = 3_000_000;
let upstream: RecordingUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await RecordingUpstream.start();
  gateway = await TestGateway.start({ upstream: { baseUrl: upstream.url }, bodyLimit: LIMIT });
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const key = () => ({ 'x-api-key': gateway.secret });

describe('a body', () => {
  it.each([0, 1, 600, 65_536, 1_048_576, 1_048_577, LIMIT])('of %i bytes arrives as it was sent', async (size) => {
    const body = randomBytes(size);
    const headers = { ...key(), 'content-type': 'application/octet-stream', 'content-encoding': 'x-own' };
    const answer = await fetch(`${gateway.url}/files?a=%20b&a=c#`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    const [request] = upstream.requests;
    expect(sha256(request!.body)).toBe(sha256(body));
    expect(header(request!, 'content-length')).toEqual([String(size)]);
    expect(header(request!, 'transfer-encoding')).toEqual([]);
    expect(header(request!, 'content-type')).toEqual(['application/octet-stream']);
    expect(header(request!, 'content-encoding')).toEqual(['x-own']);
    expect(request!.url).toBe('/api/v1/files?a=%20b&a=c');
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('goes on with the method %s', async (method) => {
    const request = { method, headers: key(), body: 'hello' };
    await fetch(`${gateway.url}/things/1`, request);
    expect(upstream.requests[0]).toMatchObject({ method, url: '/api/v1/things/1' });
    expect(upstream.requests[0]!.body.toString()).toBe('hello');
  });

  it('that comes in a great many tiny chunks arrives whole', async () => {
    const chunks = Array.from({ length: 2_000 }, (_, index) => `1\r\n${index % 10}\r\n`).join('');
    const head = `POST /proxy/v1/files HTTP/1.1\r\nHost: a\r\nX-Api-Key: ${gateway.secret}\r\nConnection: close\r\n`;
    await exchange(gateway.port, `${head}Transfer-Encoding: chunked\r\n\r\n`, `${chunks}0\r\n\r\n`);
    expect(upstream.requests[0]!.body.toString()).toBe('0123456789'.repeat(200));
    expect(header(upstream.requests[0]!, 'content-length')).toEqual(['2000']);
  });

  it.each([
    ['with its length', `Content-Length: ${LIMIT + 1}\r\n\r\n`, (body: Buffer) => [body]],
    [
      'in chunks',
      'Transfer-Encoding: chunked\r\n\r\n',
      (body: Buffer) => [`${body.length.toString(16)}\r\n`, body, '\r\n0\r\n\r\n'],
    ],
  ])('one byte over the limit is a 413 that the client can read, sent %s', async (_how, coding, parts) => {
    const head = `POST /proxy/v1/files HTTP/1.1\r\nHost: a\r\nX-Api-Key: ${gateway.secret}\r\n${coding}`;
    const answer = await exchange(gateway.port, head, ...parts(Buffer.alloc(LIMIT + 1, 'x')));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"request_too_large"');
    expect(upstream.requests).toEqual([]);
    expect((await gateway.ledger.atLeast(1))[0]).toMatchObject({ statusCode: 413, error: 'request_too_large' });
  });

  it('that is refused may be sent to its end, so that the client comes to read the answer', async () => {
    const socket = connect(gateway.port, '127.0.0.1');
    const errors: Error[] = [];
    socket.on('error', (error) => errors.push(error)).resume();
    const [closed, size] = [once(socket, 'close'), 20_000_000];
    socket.write(
      `POST /proxy/v1/files HTTP/1.1\r\nHost: a\r\nX-Api-Key: ${gateway.secret}\r\nContent-Length: ${size}\r\n\r\n`,
    );
    await once(socket, 'data');
    socket.write(Buffer.alloc(size, 'x'));
    await closed;
    expect(errors).toEqual([]);
    expect(socket.bytesWritten).toBeGreaterThan(size);
  });

  it('is answered with what was asked for, byte for byte', async () => {
    const answer = randomBytes(5_000_000);
    upstream.answer = (res) => res.end(answer);
    const response = await fetch(`${gateway.url}/files/1`, { headers: key() });
    expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(sha256(answer));
  });

  it('that the upstream does not wait for does no harm', async () => {
    await using early = await RecordingUpstream.start({ early: true });
    early.answer = (res) => res.writeHead(401, { 'content-type': 'application/json' }).end('{"early":true}');
    gateway.upstreams.put({ id: 1, baseUrl: early.url });
    const answer = await fetch(`${gateway.url}/files`, {
      method: 'POST',
      headers: key(),
      body: Buffer.alloc(2_000_000),
    });
    expect([401, 502]).toContain(answer.status);
    await answer.text();
    gateway.upstreams.put({ id: 1, baseUrl: upstream.url });
    expect((await fetch(`${gateway.url}/models`, { headers: key() })).status).toBe(200);
  });
});

describe('what is asked for', () => {
  it('is told to the limits, and only what they need', async () => {
    const asked = {
      model: 'openai/gpt-5',
      models: ['a', 'b'],
      stream: true,
      max_tokens: 5,
      n: 3,
      messages: ['secret'],
    };
    const body = JSON.stringify(asked);
    await fetch(`${gateway.url}/chat/completions`, { method: 'POST', headers: key(), body });
    await fetch(`${gateway.url}/models`, { headers: key() });
    const known = { method: 'POST', path: '/chat/completions', model: 'openai/gpt-5', fallbackModels: ['a', 'b'] };
    const bounds = { isStream: true, maxTokens: 5, choices: 3, bodyBytes: body.length };
    const nothing = { model: null, fallbackModels: [], isStream: false, maxTokens: null, choices: 1, bodyBytes: 0 };
    expect(gateway.limits.asked).toEqual([
      { ...known, ...bounds },
      { method: 'GET', path: '/models', ...nothing },
    ]);
  });

  it.each(['{"model":"a","model":"b"}', '{"model":"a\\u0000"}', `{"model":"${'m'.repeat(256)}"}`, '{"model":7}'])(
    'has no model where another reader might see another one: %.40s',
    async (body) => {
      await fetch(`${gateway.url}/chat/completions`, { method: 'POST', headers: key(), body });
      expect(gateway.limits.asked[0]).toMatchObject({ model: null });
    },
  );

  it('is found behind a long picture', async () => {
    const body = JSON.stringify({ messages: [{ image: 'x'.repeat(2_500_000) }], model: 'late' });
    await fetch(`${gateway.url}/chat/completions`, { method: 'POST', headers: key(), body });
    expect(gateway.limits.asked[0]).toMatchObject({ model: 'late' });
  });
});

describe('taking in bodies', () => {
  async function incoming(intake: BodyIntake, head: string, body = '') {
    await using server = await TestGateway.start();
    server.server.removeAllListeners('request');
    const arrived = once(server.server, 'request');
    const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${head}\r\n\r\n${body}`);
    const [req] = await arrived;
    const reading = intake.read(req, () => undefined);
    return { socket, outcome: await reading.catch((error: unknown) => error) };
  }

  it('gives up on a client that is too slow', async () => {
    const { outcome } = await incoming(new BodyIntake(100, 20), 'Content-Length: 10', 'abc');
    expect(outcome).toMatchObject({ status: 408 });
  });

  it('stops at a bound of what all bodies together may take, and recovers', async () => {
    const intake = new BodyIntake(10);
    const kept = [];
    for (let body = 0; body < 16; body++)
      kept.push((await incoming(intake, 'Content-Length: 10', '0123456789')).outcome);
    expect((await incoming(intake, 'Content-Length: 1', 'x')).outcome).toMatchObject({ status: 503 });
    const [first] = kept as [{ release(): void }];
    first.release();
    first.release();
    expect((await incoming(intake, 'Content-Length: 10', '0123456789')).outcome).toMatchObject({ length: 10 });
    expect((await incoming(intake, 'Content-Length: 1', 'x')).outcome).toMatchObject({ status: 503 });
  });

  it('notices that the client left', async () => {
    const intake = new BodyIntake(100);
    await using server = await TestGateway.start();
    server.server.removeAllListeners('request');
    const arrived = once(server.server, 'request');
    const socket = connect(server.port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
    const [req] = await arrived;
    req.on('error', () => undefined);
    const reading = intake.read(req, () => socket.destroy());
    await expect(reading).rejects.toThrow(ClientLeft);
  });
});
