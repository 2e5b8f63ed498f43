import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestGateway } from '../support/gateway.ts';
import { processTimeOf } from '../support/process-time.ts';
import { RecordingUpstream } from '../support/recording-upstream.ts';

let upstream: RecordingUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await RecordingUpstream.start();
  gateway = await TestGateway.start({ upstream: { baseUrl: upstream.url } });
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8' };
const ask = (signal?: AbortSignal) => {
  const headers = { 'x-api-key': gateway.secret, 'content-type': 'application/json' };
  const body = '{"model":"m","stream":true}';
  return fetch(`${gateway.url}/chat/completions`, { method: 'POST', headers, body, signal });
};
/** The answer that the upstream is about to give, in the hands of the spec. */
const held = () => new Promise<ServerResponse>((resolve) => (upstream.answer = (res) => resolve(res)));

describe('a stream', () => {
  it('brings its headers before its first event, and each event when it happens', async () => {
    const answering = held();
    const asking = ask();
    const res = await answering;
    res.writeHead(200, EVENT_STREAM).flushHeaders();
    expect(await processTimeOf(() => asking)).toBeLessThan(100);
    const answer = await asking;
    const reader = answer.body!.getReader();
    for (const event of [': OPENROUTER PROCESSING\n\n', 'data: {"n":1}\n\n', 'data: é\n\n', 'data: [DONE]\n\n']) {
      res.write(event);
      expect(Buffer.from((await reader.read()).value!).toString()).toBe(event);
    }
    res.end();
    expect((await reader.read()).done).toBe(true);
  });

  it('keeps every byte, also where a character is cut in two', async () => {
    const text = Buffer.from('data: {"content":"héllo 🎉 wörld"}\r\n\r\ndata: [DONE]\n\n'.repeat(50));
    upstream.answer = async (res) => {
      res.writeHead(200, EVENT_STREAM);
      for (let at = 0; at < text.length; at += 7) {
        res.write(text.subarray(at, at + 7));
        await new Promise(setImmediate);
      }
      res.end();
    };
    const received = Buffer.from(await (await ask()).arrayBuffer());
    expect(createHash('sha256').update(received).digest('hex')).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('waits for a client that reads slowly, and then goes on', async () => {
    const total = 64 * 1024 * 1024;
    const piece = Buffer.alloc(64 * 1024, 'x');
    let written = 0;
    upstream.answer = async (res) => {
      res.writeHead(200, EVENT_STREAM);
      while (written < total) {
        written += piece.length;
        if (!res.write(piece)) await once(res, 'drain');
      }
      res.end();
    };
    const before = process.memoryUsage.rss();
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write(
      `GET /proxy/v1/events HTTP/1.1\r\nHost: a\r\nX-Api-Key: ${gateway.secret}\r\nConnection: close\r\n\r\n`,
    );
    await once(socket, 'readable');
    await stillness(() => written);
    expect(written).toBeLessThan(total / 2);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
    const other = await fetch(`${gateway.url}/upstreams`, { headers: { 'x-api-key': gateway.secret } });
    expect(other.status).toBe(200);
    expect(await bytesOf(socket)).toBeGreaterThan(total);
    expect((await gateway.ledger.atLeast(2)).map(({ error }) => error)).toEqual([null, null]);
  });

  it('#77 that is under way when the service stops is broken off when it takes too long, and its connection ends', async () => {
    const answering = held();
    const asking = ask();
    const res = await answering;
    res.writeHead(200, EVENT_STREAM).write('data: 1\n\n');
    const reader = (await asking).body!.getReader();
    await reader.read();
    const abandoned = upstream.nextAbandoned();
    gateway.engine.stop(10);
    await expect(reader.read()).rejects.toBeInstanceOf(Error);
    await abandoned;
    const [call] = await gateway.ledger.atLeast(1);
    expect(call).toMatchObject({ statusCode: 200, error: 'service_stopping' });
  });

  it('#57 that is broken off when the service stops is in the log before the service ends', async () => {
    const streams = 5;
    upstream.answer = (res) => {
      res.writeHead(200, EVENT_STREAM).write('data: 1\n\n');
    };
    await Promise.all(Array.from({ length: streams }, () => ask()));
    const closed = new Promise((resolve) => gateway.server.close(resolve));
    gateway.engine.stop(0);
    await closed;
    await gateway.engine.ended(60_000);
    const errors = gateway.ledger.calls.map(({ error }) => error);
    expect(errors).toEqual(Array(streams).fill('service_stopping'));
  });
});

describe('a client that leaves', () => {
  it('ends the call to the upstream before the headers', async () => {
    const leaving = new AbortController();
    const answering = held();
    const asking = ask(leaving.signal).catch(() => 'left');
    await answering;
    const abandoned = upstream.nextAbandoned();
    leaving.abort();
    expect(await processTimeOf(() => Promise.all([abandoned, asking]))).toBeLessThan(1000);
    const [call] = await gateway.ledger.atLeast(1);
    expect(call).toMatchObject({ statusCode: 0, error: 'client_closed', settlement: 'unknown', reachedUpstream: true });
  });

  it('ends the call to the upstream in the middle of the stream', async () => {
    const leaving = new AbortController();
    upstream.answer = (res) => {
      res.writeHead(200, { ...EVENT_STREAM, 'x-generation-id': 'gen-cut' });
      res.write('data: {"id":"gen-cut","choices":[]}\n\n');
    };
    const answer = await ask(leaving.signal);
    const reader = answer.body!.getReader();
    await reader.read();
    const abandoned = upstream.nextAbandoned();
    leaving.abort();
    await abandoned;
    const [call] = await gateway.ledger.atLeast(1);
    expect(call).toMatchObject({ statusCode: 200, error: 'client_closed', generationId: 'gen-cut', isStream: true });
    expect(call).toMatchObject({ settlement: 'unknown', usage: { promptTokens: null, cost: null } });
  });

  it('leaves nothing behind, however often that happens', async () => {
    upstream.answer = (res) => void res.writeHead(200, EVENT_STREAM).write('data: 1\n\n');
    for (let call = 0; call < 30; call++) {
      const leaving = new AbortController();
      const abandoned = upstream.nextAbandoned();
      const answer = await ask(leaving.signal);
      await answer.body!.getReader().read();
      leaving.abort();
      await abandoned;
    }
    expect(await gateway.ledger.atLeast(30)).toHaveLength(30);
    expect(gateway.limits.settled).toHaveLength(30);
    await expect.poll(() => upstream.connections).toBeLessThan(3);
  });

  it('is not confused with one that has sent its whole body and waits', async () => {
    const answering = held();
    const asking = ask();
    const res = await answering;
    await new Promise(setImmediate);
    res.end('done');
    expect(await (await asking).text()).toBe('done');
    expect(upstream.abandoned).toBe(0);
  });
});

/** Resolves when a figure has stopped growing. */
async function stillness(figure: () => number): Promise<void> {
  for (let last = -1, still = 0; still < 5; last = figure()) {
    still = figure() === last ? still + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function bytesOf(socket: Socket): Promise<number> {
  let bytes = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) bytes += chunk.length;
  return bytes;
}
