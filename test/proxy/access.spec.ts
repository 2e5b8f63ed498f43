import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Overloaded, TooManyRequests } from '../../src/shared/errors.js';
import { TestGateway } from '../support/gateway.ts';
import { exchange, header, RecordingUpstream } from '../support/recording-upstream.ts';

let upstream: RecordingUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await RecordingUpstream.start();
  gateway = await TestGateway.start({ upstream: { baseUrl: upstream.url, name: 'main', isDefault: true } });
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

interface Envelope {
  type?: string;
  error: { message: string; type: string; code: string; param?: null };
}

async function ask(headers: Record<string, string>, path = '/models', method = 'GET') {
  const answer = await fetch(gateway.url + path, { method, headers });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Envelope };
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

describe('a client key', () => {
  it('opens the gateway as a bearer token, as x-api-key, or as both', async () => {
    const { secret } = gateway;
    for (const headers of [
      bearer(secret),
      { authorization: `bearer ${secret}` },
      { 'x-api-key': secret },
      { ...bearer(secret), 'x-api-key': secret },
    ]) {
      expect((await ask(headers)).status).toBe(200);
    }
  });

  it.each([
    ['is missing', {}, 'missing_api_key'],
    ['is of another scheme', { authorization: 'Basic c2VjcmV0' }, 'missing_api_key'],
    ['is empty', { 'x-api-key': '' }, 'missing_api_key'],
    ['is unknown', bearer(`sk-auto-${'x'.repeat(43)}`), 'invalid_api_key'],
    ['is an API token', bearer(`or_api_${'x'.repeat(49)}`), 'invalid_api_key'],
    ['is of no known form', bearer('sk-auto-short'), 'invalid_api_key'],
  ])('that %s is a 401', async (_what, headers, code) => {
    const { status, body, headers: sent } = await ask(headers as Record<string, string>);
    expect({ status, body }).toMatchObject({ status: 401, body: { error: { code, param: null } } });
    expect(sent.get('www-authenticate')).toBe('Bearer');
    expect(upstream.requests).toEqual([]);
  });

  it('that is revoked or past its last moment is a 401', async () => {
    const revoked = gateway.keys.issue({ upstreamIds: [1], isActive: false });
    expect((await ask(bearer(revoked))).body.error.code).toBe('invalid_api_key');
    const expiring = gateway.keys.issue({ upstreamIds: [1], expiresAt: new Date('2026-06-15T12:00:10Z') });
    expect((await ask(bearer(expiring))).status).toBe(200);
    gateway.clock.advance(10);
    expect((await ask(bearer(expiring))).body.error.code).toBe('api_key_expired');
  });

  it('that contradicts itself is a 400', async () => {
    const { status, body } = await ask({ ...bearer(gateway.secret), 'x-api-key': 'sk-auto-other' });
    expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'ambiguous_credentials' });
  });

  it('is never repeated in an answer or a log', async () => {
    const secret = `sk-auto-${'Z'.repeat(43)}`;
    const answers = [await ask(bearer(secret)), await ask(bearer(secret), `/${secret}/../x%2e%2e`)];
    expect(JSON.stringify([answers, gateway.logs])).not.toContain('ZZZZZ');
    const calls = await gateway.ledger.atLeast(2);
    expect(JSON.stringify(calls.map(({ path }) => path))).not.toContain('ZZZZZ');
  });
});

describe('the upstream of a request', () => {
  it('is told apart: unknown 400, not granted 403, switched off or deleted 503', async () => {
    gateway.upstreams.put({ id: 2, name: 'foreign', baseUrl: upstream.url });
    gateway.upstreams.put({ id: 3, name: 'off', baseUrl: upstream.url, isActive: false });
    const secret = gateway.keys.issue({ upstreamIds: [1, 3] });
    const named = (name: string) => ask({ ...bearer(secret), 'x-upstream-name': name });
    expect(await named('nowhere')).toMatchObject({ status: 400, body: { error: { code: 'upstream_not_found' } } });
    expect(await named('foreign')).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
    expect(await named('off')).toMatchObject({ status: 503, body: { error: { code: 'service_unavailable' } } });
    expect(upstream.requests).toEqual([]);
    expect((await named('main')).status).toBe(200);
  });

  it('is the default one if the key may use it, else its first that works', async () => {
    const other = (id: number, isActive: boolean) => gateway.upstreams.put({ id, baseUrl: upstream.url, isActive });
    other(2, false);
    other(3, true);
    other(4, true);
    const used = async (upstreamIds: number[]) => {
      await ask(bearer(gateway.keys.issue({ upstreamIds })));
      return gateway.ledger.calls.at(-1)?.upstreamId;
    };
    expect(await used([3, 1])).toBe(1);
    expect(await used([2, 4, 3])).toBe(4);
    expect(await ask(bearer(gateway.keys.issue({ upstreamIds: [2] })))).toMatchObject({ status: 503 });
    expect(await ask(bearer(gateway.keys.issue({ upstreamIds: [] })))).toMatchObject({ status: 403 });
  });

  it('gets no request when its key cannot be decrypted', async () => {
    const credential = () => {
      throw new Error('tampered sk-secret');
    };
    gateway.upstreams.put({ id: 1, baseUrl: upstream.url, credential });
    const { status, body } = await ask(bearer(gateway.secret));
    expect({ status, code: body.error.code }).toEqual({ status: 503, code: 'service_unavailable' });
    expect(upstream.requests).toEqual([]);
    expect(gateway.logs.join()).toContain('cannot be decrypted');
    expect(gateway.logs.join()).not.toContain('tampered');
  });

  it('changes for the very next request', async () => {
    await ask(bearer(gateway.secret));
    gateway.upstreams.put({ id: 1, baseUrl: upstream.url, credential: () => 'sk-new' });
    await ask(bearer(gateway.secret));
    expect(upstream.requests.map((request) => header(request, 'authorization'))).toEqual([
      ['Bearer sk-upstream-1'],
      ['Bearer sk-new'],
    ]);
  });
});

describe('the holder of a client key', () => {
  it('sees the upstreams that the key may use, and nothing more', async () => {
    gateway.upstreams.put({ id: 2, name: 'foreign', baseUrl: upstream.url });
    gateway.upstreams.put({ id: 3, name: 'off', baseUrl: upstream.url, isActive: false });
    gateway.upstreams.put({ id: 4, name: 'claude', provider: 'anthropic', baseUrl: upstream.url });
    const secret = gateway.keys.issue({ upstreamIds: [1, 3, 4] });
    expect(await ask(bearer(secret), '/upstreams')).toMatchObject({
      status: 200,
      body: {
        upstreams: [
          { name: 'main', provider: 'openai', is_default: true },
          { name: 'claude', provider: 'anthropic', is_default: false },
        ],
      },
    });
    expect((await ask({}, '/upstreams')).status).toBe(401);
    expect((await ask(bearer(secret), '/upstreams', 'DELETE')).status).toBe(405);
    expect(upstream.requests).toEqual([]);
  });

  it('sees its own usage', async () => {
    expect(await ask(bearer(gateway.secret), '/usage')).toMatchObject({ status: 200, body: { total_requests: 7 } });
    expect((await ask({}, '/usage')).status).toBe(401);
    expect(upstream.requests).toEqual([]);
  });
});

describe('a refusal', () => {
  it('speaks the language of Anthropic below /messages', async () => {
    const missing = await ask({}, '/messages', 'POST');
    expect(missing).toMatchObject({ status: 401, body: { type: 'error', error: { type: 'authentication_error' } } });
    const counting = await ask({ ...bearer(gateway.secret), 'x-upstream-name': 'x' }, '/messages/count_tokens', 'POST');
    expect(counting).toMatchObject({ status: 400, body: { type: 'error', error: { type: 'invalid_request_error' } } });
  });

  it('of the limits of a key keeps its code, and says when to come back', async () => {
    gateway.limits.refusal = new TooManyRequests('This key made too many requests. Wait a minute.', 42);
    const limited = await ask(bearer(gateway.secret));
    expect(limited).toMatchObject({ status: 429, body: { error: { code: 'rate_limited', type: 'rate_limit_error' } } });
    expect(limited.headers.get('retry-after')).toBe('42');
    gateway.limits.refusal = new Overloaded();
    expect((await ask(bearer(gateway.secret))).status).toBe(503);
    expect(upstream.requests).toEqual([]);
    expect(gateway.limits.settled).toEqual([]);
  });

  it('that nobody foresaw tells nothing', async () => {
    gateway.limits.refusal = new Error('password=hunter2');
    const { status, body } = await ask(bearer(gateway.secret));
    expect({ status, code: body.error.code }).toEqual({ status: 500, code: 'internal_error' });
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  it.each(['OPTIONS', 'HEAD', 'TRACE', 'PROPFIND'])('meets the method %s', async (method) => {
    const answer = await exchange(
      gateway.port,
      `${method} /proxy/v1/models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${gateway.secret}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 405 /);
    expect(answer.toLowerCase()).toContain('allow: get, post, put, patch, delete');
    expect(upstream.requests).toEqual([]);
  });
});
