import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { type RawAnswer, sendRaw } from '../support/raw.ts';

const CLOSE = 'Connection: close';
const LOGIN = 'POST /api/auth/login HTTP/1.1';
const SMUGGLED = ['GET /health HTTP/1.1', 'Host: x', '', ''];

const AMBIGUOUS: [string, number, string[]][] = [
  ['no HTTP at all', 400, ['\x16\x03\x01 hello', '', '']],
  ['an unknown method', 400, ['BREW / HTTP/1.1', 'Host: x', '', '']],
  ['no host', 400, ['GET /health HTTP/1.1', '', '']],
  ['two hosts', 400, ['GET /health HTTP/1.1', 'Host: a', 'Host: b', '', '']],
  ['two credentials', 400, ['GET /api/auth/me HTTP/1.1', 'Host: x', 'Authorization: a', 'Authorization: b', '', '']],
  ['two lengths', 400, [LOGIN, 'Host: x', 'Content-Length: 2', 'Content-Length: 3', '', '{}', ...SMUGGLED]],
  [
    'a length and chunks',
    400,
    [LOGIN, 'Host: x', 'Content-Length: 5', 'Transfer-Encoding: chunked', '', '0', '', ...SMUGGLED],
  ],
  ['chunks, oddly written', 400, [LOGIN, 'Host: x', 'Transfer-Encoding : chunked', '', '0', '', ...SMUGGLED]],
  ['a folded header', 400, ['GET /health HTTP/1.1', 'Host: x', 'X-A: b', ' c', '', '']],
  ['headers without end', 431, ['GET /health HTTP/1.1', 'Host: x', `X-A: ${'a'.repeat(40_000)}`, '', '']],
  ['an address without end', 431, [`GET /${'a'.repeat(20_000)} HTTP/1.1`, 'Host: x', '', '']],
];

describe('the web server', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await startApp()));
  afterAll(() => app[Symbol.asyncDispose]());

  const get = (path: string) => sendRaw(app.url, `GET ${path} HTTP/1.1`, 'Host: x', CLOSE, '', '');

  it.each(AMBIGUOUS)('#48 refuses %s with %i, once, and hangs up', async (_, status, lines) => {
    const answers = await sendRaw(app.url, ...lines);
    expect(answers.map((answer) => answer.status)).toEqual([status]);
    expectProblem(answers[0]!);
    expect(answers[0]!.headers.connection).toBe('close');
  });

  it.each([
    ['/%zz', 404],
    ['/api/keys/%ff%fe', 401],
    ['/api/v1/%zz', 401],
    ['/admin/%zz', 403],
    ['/admin/jobs/%zz/runs', 403],
    [`/admin/jobs/${'x'.repeat(5_000)}/runs`, 403],
    [`/api/keys/${'1'.repeat(5_000)}`, 401],
  ])('#35 #63 leads an address that makes no sense through the same doors: %s', async (path, status) => {
    const [answer] = await get(path);
    expect(answer?.status).toBe(status);
    expectProblem(answer!);
  });

  it.each([
    ['GET http://elsewhere.example/health HTTP/1.1', 200],
    ['GET HTTPS://elsewhere.example?days=7 HTTP/1.1', 303],
    ['GET http://elsewhere.example/api/v1/stats HTTP/1.1', 401],
    ['GET http://elsewhere.example/admin/keys HTTP/1.1', 403],
    ['GET http://elsewhere.example/proxy/v1/models HTTP/1.1', 401],
    ['PATCH http://elsewhere.example/api/keys HTTP/1.1', 405],
    ['GET ftp://elsewhere.example/health HTTP/1.1', 404],
  ])('#35 goes by the path of an address that is named as a whole: %s', async (line, status) => {
    const [answer] = await sendRaw(app.url, line, 'Host: x', CLOSE, '', '');
    const isCounted = 'x-ratelimit-remaining' in answer!.headers;
    expect([answer!.status, isCounted]).toEqual([status, line.includes('/api/v1/')]);
  });

  it.each(['/%61pi/v1/stats', '/api/%76%31/stats', '/api/v1/%73tats'])(
    '#35 sees in an address what the router sees: %s',
    async (path) => {
      const [answer] = await sendRaw(app.url, `GET ${path} HTTP/1.1`, 'Host: x', 'Accept: text/html', CLOSE, '', '');
      expect(answer?.status).toBe(401);
      expectProblem(answer!);
      expect(answer!.headers).toMatchObject({ 'cache-control': 'no-store', 'x-ratelimit-limit': '100000' });
    },
  );

  it('leaves the query of such an address alone', async () => {
    expect((await get('/health?x=%zz')).map(({ status }) => status)).toEqual([200]);
  });

  it('answers whatever a client expects of it', async () => {
    const lines = [
      LOGIN,
      'Host: x',
      'Content-Type: text/plain',
      'Content-Length: 2',
      'Expect: wonders',
      CLOSE,
      '',
      '{}',
    ];
    const [answer] = await sendRaw(app.url, ...lines);
    expect(answer?.status).toBe(415);
    expectProblem(answer!);
  });

  it.each([
    ['gzip', 415],
    ['br, identity', 415],
    ['identity', 422],
  ])('says that it reads no body encoded as %s', async (encoding, status) => {
    const type = 'Content-Type: application/json';
    const [answer] = await sendRaw(
      app.url,
      LOGIN,
      'Host: x',
      type,
      `Content-Encoding: ${encoding}`,
      'Content-Length: 2',
      CLOSE,
      '',
      '{}',
    );
    expect(answer?.status).toBe(status);
    expectProblem(answer!);
  });

  it('#63 insists on https where it is reached by it, whatever it answers', async () => {
    await using secure = await startApp({ env: { PUBLIC_URL: 'https://monitor.example.com' } });
    for (const request of [
      ['no HTTP at all', '', ''],
      ['GET /nowhere HTTP/1.1', 'Host: x', CLOSE, '', ''],
    ]) {
      const [answer] = await sendRaw(secure.url, ...request);
      expect(answer?.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
      expectProblem(answer!);
    }
  });

  it('#50 gives nobody more than 30 s for the headers and 60 s for the body', () => {
    const server = app.nest.getHttpServer() as Server;
    const untilNoticed = 2_500;
    expect(server.headersTimeout + untilNoticed).toBeLessThan(30_000);
    expect(server.requestTimeout + untilNoticed).toBeLessThan(60_000);
  });
});

function expectProblem({ status, headers, body }: RawAnswer): void {
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', status, code: expect.any(String) as string });
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['cross-origin-opener-policy']).toBe('same-origin');
  expect(headers).not.toHaveProperty('server');
}
