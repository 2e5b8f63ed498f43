import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { newPerson } from '../support/people.ts';
import { Visitor } from '../support/visitor.ts';

describe('an address that is asked with a method it does not know', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await startApp()));
  afterAll(() => app[Symbol.asyncDispose]());

  const ask = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(app.url + path, { method, headers, redirect: 'manual' });
    return {
      status: answer.status,
      allow: answer.headers.get('allow'),
      headers: answer.headers,
      text: await answer.text(),
    };
  };

  it.each([
    ['PATCH', '/api/keys', 'GET, HEAD, POST, OPTIONS'],
    ['POST', '/api/keys/7', 'DELETE, GET, HEAD, PUT, OPTIONS'],
    ['GET', '/api/keys/7/validate', 'POST, OPTIONS'],
    ['GET', '/api/auth/login', 'POST, OPTIONS'],
    ['POST', '/health', 'GET, HEAD, OPTIONS'],
    ['PUT', '/openapi.json', 'GET, HEAD, OPTIONS'],
    ['POST', '/dashboard', 'GET, HEAD, OPTIONS'],
  ])('says which it knows: %s %s', async (method, path, allow) => {
    const answer = await ask(method, path);
    expect(answer).toMatchObject({ status: 405, allow });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({
      status: 405,
      code: 'method_not_allowed',
      title: 'Method Not Allowed',
    });
  });

  it.each([
    ['PATCH', '/api/nothing'],
    ['POST', '/api/keys/7/nothing'],
    ['POST', '/api/keys/'],
    ['GET', '/openapixjson'],
    ['GET', '/docs/package.json'],
    ['GET', '/assets/nothing.css'],
    ['OPTIONS', '/api/nothing'],
  ])('is another thing than an address that does not exist: %s %s', async (method, path) => {
    const answer = await ask(method, path);
    expect(answer).toMatchObject({ status: 404, allow: null });
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'not_found' });
  });

  it('says the same with a credential, and with a body that nobody reads', async () => {
    const { jwt } = await newPerson(app);
    const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' };
    expect(await ask('PATCH', '/api/keys', headers)).toMatchObject({ status: 405 });
    await request(app.url).patch('/api/keys').set(headers).send('{broken').expect(405);
  });

  it('in the public API asks for the token first, and tells what is left', async () => {
    const { jwt } = await newPerson(app);
    const session = { Authorization: `Bearer ${jwt}` };
    const { body } = await request(app.url).post('/api/tokens').set(session).send({ name: 'mine' }).expect(201);
    const token = { authorization: `Bearer ${(body as { token: string }).token}` };
    expect(await ask('POST', '/api/v1/keys')).toMatchObject({ status: 401, allow: null });
    const answer = await ask('POST', '/api/v1/keys?limit=1', token);
    expect(answer).toMatchObject({ status: 405, allow: 'GET, HEAD, OPTIONS' });
    expect(answer.headers.has('x-ratelimit-remaining')).toBe(true);
    expect(await ask('POST', '/api/v1/nothing', token)).toMatchObject({ status: 404, allow: null });
    expect(await ask('OPTIONS', '/api/v1/keys', token)).toMatchObject({ status: 204, allow: 'GET, HEAD, OPTIONS' });
    expect(await ask('OPTIONS', '/api/v1/keys')).toMatchObject({ status: 401, allow: null });
  });

  it('#35 below /admin tells strangers nothing, whatever they ask with', async () => {
    const shut = await ask('GET', '/admin/nothing');
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      for (const path of ['/admin/keys', '/admin/upstreams/1', '/admin/nothing']) {
        expect(await ask(method, path)).toMatchObject({ status: 403, allow: null, text: shut.text });
      }
    }
    const operator = { authorization: `Bearer ${app.config.ADMIN_TOKEN}` };
    expect(await ask('PATCH', '/admin/keys', operator)).toMatchObject({
      status: 405,
      allow: 'GET, HEAD, POST, OPTIONS',
    });
    expect(await ask('PATCH', '/admin/nothing', operator)).toMatchObject({ status: 404, allow: null });
  });

  it('answers OPTIONS with what it knows, and opens itself to no other origin', async () => {
    const origin = { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' };
    const answer = await ask('OPTIONS', '/api/keys', origin);
    expect(answer).toMatchObject({ status: 204, allow: 'GET, HEAD, POST, OPTIONS', text: '' });
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('answers HEAD as it would GET, without the body', async () => {
    expect(await ask('HEAD', '/health')).toMatchObject({ status: 200, text: '' });
    expect(await ask('HEAD', '/api/keys')).toMatchObject({ status: 401, text: '' });
    expect(await ask('HEAD', '/api/auth/login')).toMatchObject({ status: 405, allow: 'POST, OPTIONS', text: '' });
  });

  it('shows people a page of the house', async () => {
    const ada = await Visitor.loggedIn(app);
    const answer = await ada.open('/register/strength');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    expect(answer.text).toContain('<h1>Not that way</h1>');
  });
});
