import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { register, tokenOf } from '../support/accounts.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { DIALECTS } from '../support/services.ts';
import { FixedClock } from '../fakes/clock.fixed.ts';

const ADDRESSES = [
  '/admin',
  '/admin/',
  '/admin/nothing',
  '/admin/nothing/here?x=1',
  '/%61dmin',
  '/admin%2Fkeys',
  '//admin',
  '/admin/../x',
  '/x/../admin/keys',
  '/ADMIN/keys',
];

/** Sends the address as it is: other clients tidy it up. */
async function rawGet(app: TestApp, path: string, credential?: string): Promise<{ status: number; body: string }> {
  const headers = credential ? { authorization: `Bearer ${credential}` } : {};
  return new Promise((resolve, reject) => {
    get({ port: new URL(app.url).port, path, headers }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode!, body }), reject);
    }).on('error', reject);
  });
}

describe.each(DIALECTS)('the door of /admin on %s', (dialect) => {
  let app: TestApp;
  let admin: string;
  let user: string;
  const clock = new FixedClock();
  beforeEach(() => clock.advance(61));
  beforeAll(async () => {
    app = await startApp({ dialect, clock });
    for (const email of ['admin@example.com', 'user@example.com']) await register(app, email).expect(201);
    admin = await tokenOf(app, 'admin@example.com');
    user = await tokenOf(app, 'user@example.com');
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it.each(ADDRESSES)('#35 is closed at %s, with one answer for everybody', async (path) => {
    const closed = await rawGet(app, path);
    expect(closed.status).toBe(403);
    expect(JSON.parse(closed.body)).toMatchObject({ status: 403, code: 'forbidden' });
    for (const credential of [user, 'wrong', `${app.config.ADMIN_TOKEN}x`, app.config.ADMIN_TOKEN!.slice(0, -1)]) {
      expect(await rawGet(app, path, credential)).toEqual(closed);
    }
  });

  it('#35 opens to the ADMIN_TOKEN and to admins, and then says that nothing is there', async () => {
    for (const credential of [admin, app.config.ADMIN_TOKEN!]) {
      const answer = await rawGet(app, '/admin/nothing', credential);
      expect(answer.status).toBe(404);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'not_found' });
    }
  });

  it.each([
    ['a broken body', 'application/json', '{'],
    ['a body of another type', 'text/plain', '{'],
    ['a body that is too large', 'application/json', ' '.repeat(100_000)],
  ])('#35 is closed before anybody looks at %s', async (_, type, body) => {
    const closed = await rawGet(app, '/admin/jobs');
    for (const path of ['/admin/nothing', '/admin/jobs', '/admin/jobs/usage-sync/run']) {
      const answer = await request(app.url).post(path).set('Content-Type', type).send(body);
      expect(answer.status).toBe(403);
      expect(answer.text).toBe(closed.body);
    }
  });

  it('#15 the ADMIN_TOKEN opens no other door', async () => {
    const answer = await request(app.url).get('/api/auth/me').set('Authorization', `Bearer ${app.config.ADMIN_TOKEN}`);
    expect(answer.status).toBe(401);
  });
});

describe('the ADMIN_TOKEN', () => {
  it('#27 lets nobody in, admins included, when it is not set', async () => {
    await using app = await startApp({ env: { ADMIN_TOKEN: '' } });
    await register(app, 'admin@example.com').expect(201);
    const admin = await tokenOf(app, 'admin@example.com');
    for (const credential of [undefined, '', 'undefined', admin]) {
      expect((await rawGet(app, '/admin/x', credential)).status).toBe(403);
    }
  });

  it('#27 cannot be guessed more than 30 times a minute, and answers 403 all the same', async () => {
    const clock = new FixedClock();
    await using app = await startApp({ clock });
    const right = app.config.ADMIN_TOKEN!;
    await register(app, 'admin@example.com').expect(201);
    const admin = await tokenOf(app, 'admin@example.com');
    for (let guess = 1; guess < 30; guess++) await rawGet(app, '/admin/x', `guess ${guess}`.replace(' ', '-'));
    for (let call = 0; call < 40; call++) expect((await rawGet(app, '/admin/x', right)).status).toBe(404);
    const last = await rawGet(app, '/admin/x', 'guess-30');
    expect(await rawGet(app, '/admin/x', right)).toEqual(last);
    expect(last.status).toBe(403);
    // A session is no guess.
    expect((await rawGet(app, '/admin/x', admin)).status).toBe(404);
    clock.advance(61);
    expect((await rawGet(app, '/admin/x', right)).status).toBe(404);
  });
});
