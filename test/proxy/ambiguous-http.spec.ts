import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestGateway } from '../support/gateway.ts';
import { exchange, RecordingUpstream } from '../support/recording-upstream.ts';

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

const SMUGGLED = 'GET /proxy/v1/smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const request = (line: string, ...headers: string[]) => [line, ...headers, '', ''].join('\r\n');

describe('HTTP that can be read in two ways', () => {
  const key = () => `Authorization: Bearer ${gateway.secret}`;
  const post = 'POST /proxy/v1/chat/completions HTTP/1.1';

  it.each<[string, () => string]>([
    ['two hosts', () => request(post, 'Host: a', 'Host: b', key(), 'Content-Length: 0')],
    ['two authorizations', () => request(post, 'Host: a', key(), 'Authorization: Bearer x', 'Content-Length: 0')],
    ['the same key twice', () => request(post, 'Host: a', 'X-Api-Key: x', 'x-api-key: x', 'Content-Length: 0')],
    ['two upstream names', () => request(post, 'Host: a', key(), 'X-Upstream-Name: a', 'X-Upstream-Name: b')],
    ['two lengths', () => request(post, 'Host: a', key(), 'Content-Length: 0', 'Content-Length: 5')],
    ['two equal lengths', () => request(post, 'Host: a', key(), 'Content-Length: 5', 'Content-Length: 5')],
    ['a list of lengths', () => request(post, 'Host: a', key(), 'Content-Length: 5, 5')],
    ['a signed length', () => request(post, 'Host: a', key(), 'Content-Length: +5')],
    ['a length and chunks', () => request(post, 'Host: a', key(), 'Content-Length: 5', 'Transfer-Encoding: chunked')],
    ['an unknown coding', () => request(post, 'Host: a', key(), 'Transfer-Encoding: xchunked')],
    ['two codings', () => request(post, 'Host: a', key(), 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity')],
    ['a space before the colon', () => request(post, 'Host: a', key(), 'Content-Length : 5')],
    ['a folded header', () => request(post, 'Host: a', key(), 'X-Folded: a', ' b', 'Content-Length: 0')],
    ['a bare line feed', () => request(post, 'Host: a', `X-A: b\nContent-Length: 5`, key())],
    ['no host', () => request(post, key(), 'Content-Length: 0')],
    ['a wrong chunk', () => `${request(post, 'Host: a', key(), 'Transfer-Encoding: chunked')}zz\r\nhello\r\n0\r\n\r\n`],
  ])('is refused, and the connection with it: %s', async (_what, bytes) => {
    const answer = await exchange(gateway.port, bytes() + SMUGGLED);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(upstream.requests).toEqual([]);
  });

  it('is refused when its headers are too large', async () => {
    const answer = await exchange(gateway.port, request(post, 'Host: a', key(), `X-Large: ${'x'.repeat(40_000)}`));
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it.each([
    'GET http://127.0.0.1:1/proxy/v1/models HTTP/1.1',
    'GET //evil.test/proxy/v1/models HTTP/1.1',
    'GET /proxy/v1/../../admin HTTP/1.1',
    'GET /proxy/v1/%2e%2e/%2e%2e/admin HTTP/1.1',
    'GET /proxy/v1\\..\\admin HTTP/1.1',
    'GET /proxy/v1/%252e%252e/admin HTTP/1.1',
    'GET /proxy/v1//127.0.0.1:1/ HTTP/1.1',
    'GET /proxy/v1@evil.test/ HTTP/1.1',
  ])('cannot reach anything but what is below the base of the upstream: %s', async (line) => {
    const answer = await exchange(gateway.port, request(line, 'Host: a', key(), 'Connection: close'));
    expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(upstream.requests).toEqual([]);
  });

  it('cannot make the gateway a tunnel', async () => {
    const bytes = request('CONNECT 127.0.0.1:1 HTTP/1.1', 'Host: a', key());
    expect(await exchange(gateway.port, bytes)).not.toContain(' 200 ');
    expect(upstream.requests).toEqual([]);
  });
});
