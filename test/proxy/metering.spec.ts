import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TooManyRequests } from '../../src/shared/errors.js';
import { TestGateway } from '../support/gateway.ts';
import { json, RecordingUpstream } from '../support/recording-upstream.ts';

let upstream: RecordingUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await RecordingUpstream.start();
  gateway = await TestGateway.start({ upstream: { baseUrl: upstream.url }, bodyLimit: 1_000 });
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, cost: 0.25 };
const post = (body: object, path = '/chat/completions', signal?: AbortSignal) => {
  const headers = { 'x-api-key': gateway.secret, 'content-type': 'application/json' };
  return fetch(gateway.url + path, { method: 'POST', headers, body: JSON.stringify(body), signal });
};

describe('the record of a call', () => {
  it('has what was asked for and what it used', async () => {
    upstream.answer = (res) => json(res, { id: 'gen-7', model: 'openai/gpt-5-2026', usage: USAGE });
    await (await post({ model: 'openai/gpt-5' }, '/chat/completions?secret=x')).text();
    const [call] = await gateway.ledger.atLeast(1);
    expect(call).toEqual({
      startedAt: gateway.clock.now(),
      clientKeyId: 1,
      upstreamId: 1,
      method: 'POST',
      path: '/v1/chat/completions',
      model: 'openai/gpt-5',
      isStream: false,
      statusCode: 200,
      durationMs: expect.any(Number),
      ttftMs: expect.any(Number),
      usage: {
        promptTokens: 7,
        cachedTokens: null,
        cacheWriteTokens: null,
        completionTokens: 3,
        reasoningTokens: null,
        totalTokens: 10,
        cost: 250_000_000n,
        byokCost: null,
      },
      cost: 250_000_000n,
      settlement: 'settled',
      generationId: 'gen-7',
      reachedUpstream: true,
      error: null,
    });
    expect(gateway.limits.settled).toEqual([call]);
  });

  it('has the usage of a compressed stream, and the bytes of the client are the upstream’s', async () => {
    const packed = gzipSync(`data: {"id":"a"}\n\ndata: {"choices":[],"usage":${JSON.stringify(USAGE)}}\n\n`);
    upstream.answer = (res) => {
      res.writeHead(200, {
        'content-type': 'text/event-stream',
        'content-encoding': 'gzip',
        'x-generation-id': 'gen-8',
      });
      res.write(packed.subarray(0, 9));
      res.end(packed.subarray(9));
    };
    expect(await (await post({ stream: true })).text()).toContain('"completion_tokens":3');
    const [call] = await gateway.ledger.atLeast(1);
    expect(call).toMatchObject({
      isStream: true,
      generationId: 'gen-8',
      usage: { promptTokens: 7, cost: 250_000_000n },
    });
  });

  it('keeps the usage that came before the client left', async () => {
    upstream.answer = (res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(`data: {"id":"gen-9","choices":[],"usage":${JSON.stringify(USAGE)}}\n\n`);
    };
    const leaving = new AbortController();
    const answer = await post({ stream: true }, '/chat/completions', leaving.signal);
    await answer.body!.getReader().read();
    leaving.abort();
    const [call] = await gateway.ledger.atLeast(1);
    expect(call).toMatchObject({ error: 'client_closed', settlement: 'settled', usage: { cost: 250_000_000n } });
  });

  it('says that a provider failed in the middle of a stream', async () => {
    upstream.answer = (res) =>
      res
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end('data: {"id":"gen-1","error":{"code":502,"message":"secret words"}}\n\n');
    await (await post({ stream: true })).text();
    const [call] = await gateway.ledger.atLeast(1);
    expect(call).toMatchObject({ statusCode: 200, error: 'error_in_stream', settlement: 'unknown' });
    expect(JSON.stringify(gateway.logs)).not.toContain('secret words');
  });

  it('is written for the gateway’s own answers too', async () => {
    const headers = { 'x-api-key': gateway.secret };
    await fetch(`${gateway.url}/upstreams`, { headers });
    await fetch(`${gateway.url}/usage`);
    const calls = await gateway.ledger.atLeast(2);
    expect(calls.map(({ statusCode, clientKeyId, upstreamId }) => ({ statusCode, clientKeyId, upstreamId }))).toEqual([
      { statusCode: 200, clientKeyId: 1, upstreamId: null },
      { statusCode: 401, clientKeyId: null, upstreamId: null },
    ]);
  });
});

describe('exactly one record', () => {
  /** Everything that a request can meet; each resolves when the client is done with it. */
  const FATES: Record<string, () => Promise<unknown>> = {
    served: () => post({ fate: 'answer' }).then((answer) => answer.text()),
    streamed: () => post({ fate: 'stream' }).then((answer) => answer.text()),
    'reset before the answer': () => post({ fate: 'reset' }).then((answer) => answer.text()),
    'cut off in the answer': () => post({ fate: 'cut' }).then((answer) => answer.text()),
    'left before the answer': () => leave('wait'),
    'left in the answer': () => leave('cut-later'),
    'refused for its key': () => fetch(`${gateway.url}/models`),
    'refused for its path': () => fetch(`${gateway.url}/a%2e%2e/..%2f`, { headers: { 'x-api-key': gateway.secret } }),
    'refused for its body': () => post({ long: 'x'.repeat(2_000) }),
    'refused for its method': () => fetch(`${gateway.url}/models`, { method: 'OPTIONS' }),
    'left in its body': () => leaveInBody(),
  };

  async function leave(fate: string): Promise<void> {
    const leaving = new AbortController();
    const asking = post({ fate }, '/chat/completions', leaving.signal);
    if (fate === 'wait') await upstream.next();
    else await (await asking).body!.getReader().read();
    leaving.abort();
    await asking.catch(() => undefined);
  }

  async function leaveInBody(): Promise<void> {
    const arrived = once(gateway.server, 'request');
    const socket = connect(gateway.port, '127.0.0.1').on('error', () => undefined);
    const head = `POST /proxy/v1/files HTTP/1.1\r\nHost: a\r\nX-Api-Key: ${gateway.secret}\r\nContent-Length: 9\r\n\r\nabc`;
    socket.write(head);
    await arrived;
    socket.destroy();
  }

  it('is written whatever happens, and every admission is settled', async () => {
    upstream.answer = (res, request) => {
      const { fate } = JSON.parse(request.body.toString() || '{}') as { fate?: string };
      if (fate === 'answer') return json(res, { id: 'gen-1', usage: USAGE });
      if (fate === 'reset') return res.socket!.resetAndDestroy();
      if (fate === 'wait') return undefined;
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {}\n\n');
      if (fate === 'stream') res.end();
      if (fate === 'cut') setImmediate(() => res.destroy());
      return undefined;
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...Object.keys(FATES)), { minLength: 1, maxLength: 8 }),
        async (chosen) => {
          const before = gateway.ledger.calls.length;
          const settledBefore = gateway.limits.settled.length;
          const askedBefore = gateway.limits.asked.length;
          for (const fate of chosen) await FATES[fate]!().catch(() => undefined);
          await gateway.ledger.atLeast(before + chosen.length);
          await new Promise(setImmediate);
          expect(gateway.ledger.calls.length - before).toBe(chosen.length);
          expect(gateway.limits.settled.length - settledBefore).toBe(gateway.limits.asked.length - askedBefore);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is written for a call that its limits refuse', async () => {
    gateway.limits.refusal = new TooManyRequests('Too many requests. Wait.', 1);
    await post({ model: 'm' });
    expect(await gateway.ledger.atLeast(1)).toMatchObject([
      { statusCode: 429, error: 'rate_limited', model: 'm', reachedUpstream: false },
    ]);
  });

  it('is written for each of many calls at once', async () => {
    upstream.answer = (res) => json(res, { id: 'gen-1', usage: USAGE });
    await Promise.all(Array.from({ length: 200 }, async () => (await post({ model: 'm' })).text()));
    const calls = await gateway.ledger.atLeast(200);
    expect(calls).toHaveLength(200);
    expect(calls.reduce((sum, { usage }) => sum + usage.cost!, 0n)).toBe(50_000_000_000n);
  });
});
