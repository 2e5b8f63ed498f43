import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestGateway } from '../support/gateway.ts';
import { exchange, header, json, RecordingUpstream } from '../support/recording-upstream.ts';

let upstream: RecordingUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await RecordingUpstream.start();
  upstream.answer = (res, { url }) => json(res, { url });
  gateway = await TestGateway.start({ upstream: { baseUrl: upstream.url } });
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const get = (path: string, ...headers: string[]) =>
  [`GET /proxy/v1${path} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');

describe('the connection of a client', () => {
  it('serves one request after the other, refused ones among them, and answers in turn', async () => {
    const key = `X-Api-Key: ${gateway.secret}`;
    const answers = await exchange(
      gateway.port,
      get('/one', key) + get('/two') + get('/three/%2e%2e', key) + get('/four', key, 'Connection: close'),
    );
    const seen = [...answers.matchAll(/HTTP\/1\.1 (\d+)|"url":"\/api\/v1\/(\w+)"/g)].map(([, one, two]) => one ?? two);
    expect(seen).toEqual(['200', 'one', '401', '400', '200', 'four']);
  });

  it('may speak HTTP/1.0', async () => {
    const answer = await exchange(gateway.port, `GET /proxy/v1/old HTTP/1.0\r\nX-Api-Key: ${gateway.secret}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(answer).toMatch(/\{"url":"\/api\/v1\/old"\}$/);
  });

  it('does not become another protocol', async () => {
    const asking = get('/ws', `X-Api-Key: ${gateway.secret}`, 'Connection: Upgrade, close', 'Upgrade: websocket');
    expect(await exchange(gateway.port, asking)).toMatch(/^HTTP\/1\.1 200 /);
    expect(header(upstream.requests[0]!, 'upgrade')).toEqual([]);
  });
});

describe('the connections to an upstream', () => {
  it('are used again, and never by two calls at a time', async () => {
    const ask = async () => (await fetch(`${gateway.url}/models`, { headers: { 'x-api-key': gateway.secret } })).text();
    for (let call = 0; call < 10; call++) await ask();
    expect(await upstream.connections).toBe(1);
    const held: ServerResponse[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    upstream.answer = (res) => {
      if (held.push(res) === 5) resolve();
    };
    const asking = Array.from({ length: 5 }, ask);
    await promise;
    expect(await upstream.connections).toBe(5);
    for (const [index, res] of held.entries()) res.end(String(index));
    expect((await Promise.all(asking)).toSorted()).toEqual(['0', '1', '2', '3', '4']);
  });
});
