import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestGateway } from '../support/gateway.ts';
import { exchange, header, RecordingUpstream } from '../support/recording-upstream.ts';

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

const send = (...lines: string[]) =>
  exchange(gateway.port, ['GET /proxy/v1/models HTTP/1.1', 'Host: gateway.test', ...lines, '', ''].join('\r\n'));

describe('what goes to the upstream', () => {
  it('has none of the credentials, cookies and addresses of the client, and one credential of the upstream', async () => {
    await send(
      `Authorization: Bearer ${gateway.secret}`,
      `X-Api-Key: ${gateway.secret}`,
      'api-key: client-secret',
      'X-Goog-Api-Key: client-secret',
      'Cookie: session=client-secret',
      'Proxy-Authorization: Basic client-secret',
      'Proxy-Connection: client-secret',
      'X-Upstream-Name: upstream-1',
      'X-Forwarded-For: 10.9.8.7',
      'X-Forwarded-Anything: 10.9.8.7',
      'Forwarded: for=10.9.8.7',
      'X-Real-IP: 10.9.8.7',
      'Via: 1.1 10.9.8.7',
      'Connection: close',
    );
    const [request] = upstream.requests;
    const bytes = JSON.stringify(request);
    for (const unwanted of [gateway.secret, 'client-secret', '10.9.8.7', 'gateway.test', 'upstream-name']) {
      expect(bytes.toLowerCase()).not.toContain(unwanted.toLowerCase());
    }
    expect(header(request!, 'authorization')).toEqual(['Bearer sk-upstream-1']);
    expect(header(request!, 'x-api-key')).toEqual([]);
    expect(header(request!, 'host')).toEqual([`127.0.0.1:${upstream.port}`]);
  });

  it('has the credential where Anthropic wants it', async () => {
    gateway.upstreams.put({ id: 1, provider: 'anthropic', baseUrl: upstream.url });
    await send(`Authorization: Bearer ${gateway.secret}`, 'anthropic-version: 2023-06-01', 'Connection: close');
    const [request] = upstream.requests;
    expect(header(request!, 'x-api-key')).toEqual(['sk-upstream-1']);
    expect(header(request!, 'authorization')).toEqual([]);
    expect(header(request!, 'anthropic-version')).toEqual(['2023-06-01']);
  });

  it('has nothing about the connection of the client', async () => {
    await send(
      `Authorization: Bearer ${gateway.secret}`,
      'Connection: close, X-Private, authorization',
      'X-Private: hop',
      'Keep-Alive: timeout=9',
      'TE: trailers',
      'Trailer: X-Late',
      'Upgrade: h2c',
      'HTTP2-Settings: hop',
      'Expect: 100-continue',
    );
    const [request] = upstream.requests;
    const names = request!.rawHeaders.filter((_value, index) => index % 2 === 0).map((name) => name.toLowerCase());
    expect(names.toSorted()).toEqual(['authorization', 'connection', 'host']);
  });

  it('has every other header as it was sent, and treats none as an order', async () => {
    await send(
      `Authorization: Bearer ${gateway.secret}`,
      'HTTP-Referer: https://app.test/',
      'X-Title: Caf\u00e9',
      'X-Base-URL: http://127.0.0.1:1/',
      'Accept: text/event-stream',
      'Accept-Encoding: gzip;q=1.0, br',
      'X-Twice: one',
      'X-Twice: two',
      'Connection: close',
    );
    const [request] = upstream.requests;
    expect(header(request!, 'http-referer')).toEqual(['https://app.test/']);
    expect(header(request!, 'x-base-url')).toEqual(['http://127.0.0.1:1/']);
    expect(header(request!, 'accept-encoding')).toEqual(['gzip;q=1.0, br']);
    expect(header(request!, 'x-twice')).toEqual(['one', 'two']);
    expect(request!.url).toBe('/api/v1/models');
  });
});

describe('what comes back to the client', () => {
  it('has every header of the answer but those about the connection and about the host of the upstream', async () => {
    upstream.answer = (res) => {
      const lines = [
        'Retry-After: 7',
        'X-RateLimit-Limit: 20',
        'X-Twice: one',
        'X-Twice: two',
        'Set-Cookie: a=b',
        'Set-Cookie: c=d',
        'Strict-Transport-Security: max-age=1',
        'Alt-Svc: h3',
        'Connection: X-Private',
        'X-Private: hop',
        'Keep-Alive: timeout=77',
        'Proxy-Authenticate: hop',
        'Trailer: X-Late',
        'Content-Type: application/json; charset=utf-8',
        'Location: /elsewhere',
      ];
      const flat = lines.flatMap((line) => line.split(': '));
      res.writeHead(429, flat);
      res.end('{"error":{}}');
    };
    const answer = await fetch(`${gateway.url}/models`, { headers: { 'x-api-key': gateway.secret } });
    expect(answer.status).toBe(429);
    expect(await answer.text()).toBe('{"error":{}}');
    const names = ['retry-after', 'x-ratelimit-limit', 'x-twice', 'content-type', 'location'];
    expect(names.map((name) => answer.headers.get(name))).toEqual([
      '7',
      '20',
      'one, two',
      'application/json; charset=utf-8',
      '/elsewhere',
    ]);
    for (const name of ['set-cookie', 'strict-transport-security', 'alt-svc', 'x-private', 'proxy-authenticate']) {
      expect(answer.headers.get(name)).toBeNull();
    }
    expect(answer.headers.get('keep-alive')).not.toContain('77');
    expect(answer.headers.get('trailer')).toBeNull();
  });

  it('is still compressed as the upstream compressed it, with a true length', async () => {
    const packed = gzipSync('{"hello":"world"}');
    upstream.answer = (res) =>
      res.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
    const raw = await send(`X-Api-Key: ${gateway.secret}`, 'Accept-Encoding: gzip', 'Connection: close');
    expect(raw.toLowerCase()).toContain(`content-length: ${packed.length}\r\n`);
    expect(Buffer.from(raw.slice(raw.indexOf('\r\n\r\n') + 4), 'latin1')).toEqual(packed);
    const answer = await fetch(`${gateway.url}/models`, { headers: { 'x-api-key': gateway.secret } });
    expect(await answer.json()).toEqual({ hello: 'world' });
  });
});
