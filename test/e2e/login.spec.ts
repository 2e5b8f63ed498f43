import { createHmac, randomUUID } from 'node:crypto';
import { SqlEntityManager } from '@mikro-orm/sql';
import request from 'supertest';
import { describe, expect, it, vi } from 'vitest';
import { UserRepository } from '../../src/auth/accounts/user.repository.js';
import { PasswordQueue } from '../../src/auth/passwords/password-queue.js';
import { SessionRepository } from '../../src/auth/sessions/session.repository.js';
import { Overloaded } from '../../src/shared/errors.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { logIn, me, PASSWORD, register, tokenOf } from '../support/accounts.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newDatabase } from '../support/database.ts';
import { DIALECTS } from '../support/services.ts';

async function sessionsIn(app: TestApp): Promise<number> {
  const em = app.nest.get(SqlEntityManager, { strict: false }).fork();
  return (await em.execute<object[]>('select 1 from sessions')).length;
}

describe.each(DIALECTS)('logging in on %s', (dialect) => {
  it('#5 is refused after five wrong passwords, even with the right one, until the window ends', async () => {
    const clock = new FixedClock();
    await using app = await startApp({ dialect, clock });
    await register(app, 'ada@example.com').expect(201);
    const session = await tokenOf(app, 'ada@example.com');
    for (const email of ['ada@example.com', 'nobody@example.com']) {
      for (let tries = 0; tries < 5; tries++) await logIn(app, email, 'a wrong password').expect(401);
    }
    const [known, unknown] = [await logIn(app, 'ADA@example.com'), await logIn(app, 'nobody@example.com')];
    expect(known.status).toBe(429);
    expect(known.headers['retry-after']).toBe('900');
    expect(unknown.body).toEqual(known.body);
    expect(unknown.headers['retry-after']).toBe('900');
    await me(app, session).expect(200);
    clock.advance(901);
    await logIn(app, 'ada@example.com').expect(200);
  });

  it('#4 #5 counts wrong passwords for changing and deleting too', async () => {
    await using app = await startApp({ dialect });
    await register(app, 'ada@example.com').expect(201);
    const session = await tokenOf(app, 'ada@example.com');
    const change = { current_password: 'a wrong password', new_password: 'another long enough password' };
    const put = () => request(app.url).put('/api/auth/password').set('Authorization', `Bearer ${session}`).send(change);
    const remove = () =>
      request(app.url).delete('/api/auth/me').set('Authorization', `Bearer ${session}`).send({ password: PASSWORD });
    for (let tries = 0; tries < 5; tries++) await put().expect(400);
    await put().expect(429);
    await remove().expect(429);
    await logIn(app, 'ada@example.com').expect(429);
    await me(app, session).expect(200);
  });

  it('#6 verifies five passwords at most, however many are sent at once', async () => {
    await using app = await startApp({ dialect });
    await register(app, 'ada@example.com').expect(201);
    const matches = vi.spyOn(app.nest.get(PasswordQueue), 'matches');
    const guesses = Array.from({ length: 100 }, (_, index) => (index < 50 ? `wrong password ${index}` : PASSWORD));
    const answers = await Promise.all(guesses.map((password) => logIn(app, 'ada@example.com', password)));
    expect(matches.mock.calls.length).toBeLessThanOrEqual(5);
    const verified = answers.filter(({ status }) => status !== 429);
    expect(verified).toHaveLength(matches.mock.calls.length);
    await logIn(app, 'ada@example.com').expect(429);
  });

  it('#5 #9 loses no try to an answer that was no verdict', async () => {
    await using app = await startApp({ dialect });
    await register(app, 'ada@example.com').expect(201);
    const queue = vi.spyOn(app.nest.get(PasswordQueue), 'matches').mockRejectedValue(new Overloaded());
    for (let tries = 0; tries < 6; tries++) await logIn(app, 'ada@example.com').expect(503);
    queue.mockRestore();
    const away = Object.assign(new Error('no database'), { code: 'ECONNREFUSED' });
    const users = vi.spyOn(app.nest.get(UserRepository), 'findByEmail').mockRejectedValue(away);
    for (let tries = 0; tries < 6; tries++) await logIn(app, 'ada@example.com').expect(503);
    users.mockRestore();
    for (let tries = 0; tries < 5; tries++) await logIn(app, 'ada@example.com', 'a wrong password').expect(401);
    await logIn(app, 'ada@example.com').expect(429);
  });

  it('#13 #17 survives neither logging out nor the loss of the secret, but does a restart', async () => {
    await using database = await newDatabase(dialect);
    const start = (env: Record<string, string> = {}) => startApp({ databaseUrl: database.url, env });
    const old = 'the secret that was used before this one';
    let ended: string;
    let kept: string;
    {
      await using app = await start({ JWT_SECRET: old });
      await register(app, 'ada@example.com').expect(201);
      [ended, kept] = [await tokenOf(app, 'ada@example.com'), await tokenOf(app, 'ada@example.com')];
      await request(app.url).post('/api/auth/logout').set('Authorization', `Bearer ${ended}`).expect(204);
    }
    {
      await using app = await start({ JWT_SECRET_PREVIOUS: old });
      await me(app, ended).expect(401);
      await me(app, kept).expect(200);
    }
    await using app = await start();
    await me(app, kept).expect(401);
  });

  it('#13 is ended on every instance at once', async () => {
    await using database = await newDatabase(dialect);
    await using one = await startApp({ databaseUrl: database.url });
    await using other = await startApp({ databaseUrl: database.url });
    await register(one, 'ada@example.com').expect(201);
    const token = await tokenOf(one, 'ada@example.com');
    await me(other, token).expect(200);
    await request(one.url).post('/api/auth/logout').set('Authorization', `Bearer ${token}`).expect(204);
    await me(other, token).expect(401);
  });

  it('#11 ends with its time, and its row goes with the next login or the clean-up', async () => {
    const clock = new FixedClock();
    await using app = await startApp({ dialect, clock, env: { JWT_EXPIRES_IN: '1h' } });
    await register(app, 'ada@example.com').expect(201);
    await register(app, 'bob@example.com').expect(201);
    const answer = await logIn(app, 'ada@example.com').expect(200);
    expect(answer.body).toMatchObject({ expires_in: 3600 });
    const { access_token: token } = answer.body as { access_token: string };
    await tokenOf(app, 'bob@example.com');
    clock.advance(3659);
    await me(app, token).expect(200);
    clock.advance(2);
    await me(app, token).expect(401);
    await tokenOf(app, 'ada@example.com');
    expect(await sessionsIn(app)).toBe(2);
    const sessions = app.nest.get(SessionRepository, { strict: false });
    expect(await sessions.removeExpired(clock.now())).toBe(1);
    expect(await sessionsIn(app)).toBe(1);
  });

  it('#10 #15 is needed: every other credential gets one and the same 401', async () => {
    await using app = await startApp({ dialect });
    await register(app, 'ada@example.com').expect(201);
    const token = await tokenOf(app, 'ada@example.com');
    const [header, claims] = token.split('.') as [string, string];
    const { body: nothing } = await request(app.url).get('/api/auth/me').expect(401);
    expect(nothing).toMatchObject({ code: 'unauthorized', status: 401 });
    const stranger = withClaims(app, { ...parsed(claims), jti: randomUUID() });
    const somebodyElse = withClaims(app, { ...parsed(claims), sub: '2' });
    const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${claims}.`;
    const others = [
      stranger,
      somebodyElse,
      unsigned,
      `${header}.${claims}.`,
      `${token}x`,
      'or_api_x',
      'sk-auto-x',
      '…',
    ];
    for (const credential of others) {
      const { status, body } = await me(app, encodeURI(credential));
      expect({ status, body: body as unknown }).toEqual({ status: 401, body: nothing });
    }
    for (const scheme of [token, `Basic ${token}`, `Bearer ${token} ${token}`, 'Bearer', 'Bearer ']) {
      const { status, body } = await request(app.url).get('/api/auth/me').set('Authorization', scheme);
      expect({ status, body: body as unknown }).toEqual({ status: 401, body: nothing });
    }
    await request(app.url).get('/api/auth/me').query({ access_token: token }).expect(401);
    await request(app.url).get('/api/auth/me').set('Authorization', `bearer ${token}`).expect(200);
  });

  it('#9 in a flood leaves everything else quick, and turns away who would wait too long', async () => {
    await using app = await startApp({ dialect, env: { LOGIN_MAX_ATTEMPTS: '1000' } });
    let isOver = false;
    const logins = Array.from({ length: 150 }, (_, index) => logIn(app, `${index}@example.com`));
    const flood = Promise.all(logins).finally(() => (isOver = true));
    for (let calls = 0; calls < 5; calls++) await request(app.url).get('/health').expect(200);
    expect(isOver).toBe(false);
    const answers = await flood;
    const refused = answers.filter(({ status }) => status === 503);
    expect(answers.every(({ status }) => status === 401 || status === 503)).toBe(true);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ headers }) => Number(headers['retry-after']) > 0)).toBe(true);
    await logIn(app, '0@example.com').expect(401);
  });
});

describe.each(DIALECTS)('registering on %s', (dialect) => {
  it('#8 makes one admin of any number of first users', async () => {
    await using app = await startApp({ dialect });
    const emails = Array.from({ length: 8 }, (_, index) => `${index}@example.com`);
    await Promise.all(emails.map((email) => register(app, email).expect(201)));
    const em = app.nest.get(SqlEntityManager, { strict: false }).fork();
    expect(await em.execute<object[]>(`select 1 from users where role = 'admin'`)).toHaveLength(1);
  });

  it('is closed after the first user, if the operator says so', async () => {
    await using app = await startApp({ dialect, env: { REGISTRATION: 'closed' } });
    const answers = await Promise.all(['a@example.com', 'b@example.com'].map((email) => register(app, email)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 403]);
    const { body } = await register(app, 'c@example.com').expect(403);
    expect(body).toMatchObject({ code: 'registration_closed' });
  });
});

it('#8 registering is limited to 30 a minute and address', async () => {
  const clock = new FixedClock();
  await using app = await startApp({ clock });
  await register(app, 'ada@example.com').expect(201);
  for (let tries = 1; tries < 30; tries++) await register(app, 'ada@example.com').expect(400);
  const { headers } = await register(app, 'bob@example.com').expect(429);
  expect(headers['retry-after']).toBe('60');
  clock.advance(60);
  await register(app, 'bob@example.com').expect(201);
});

it('#5 #8 #27 count an IPv6 network as one address', async () => {
  const clock = new FixedClock();
  await using app = await startApp({ clock, env: { TRUST_PROXY: '127.0.0.1', LOGIN_MAX_ATTEMPTS: '1' } });
  const from = (path: string, host: number, network = 2) => {
    const call = path === 'admin' ? request(app.url).get('/admin/x') : request(app.url).post(`/api/auth/${path}`);
    return call.set({
      'X-Forwarded-For': `2001:db8:1:${network}::${host.toString(16)}`,
      Authorization: 'Bearer wrong',
    });
  };
  const person = (name: string) => ({ email: `${name}@example.com`, password: PASSWORD });
  for (let host = 1; host <= 30; host++) await from('register', host).send({}).expect(422);
  await from('register', 31).send(person('ada')).expect(429);
  await from('register', 31, 3).send(person('ada')).expect(201);
  for (let host = 1; host <= 10; host++)
    await from('login', host)
      .send(person(`nobody-${host}`))
      .expect(401);
  await from('login', 11).send(person('ada')).expect(429);
  await from('login', 11, 3).send(person('ada')).expect(200);
  for (let host = 1; host <= 30; host++) await from('admin', host).expect(403);
  const right = { Authorization: `Bearer ${app.config.ADMIN_TOKEN}` };
  await from('admin', 31).set(right).expect(403);
  await from('admin', 31, 3).set(right).expect(404);
});

function parsed(claims: string): object {
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as object;
}

/** A token that is signed rightly, as only somebody who has stolen the secret could make it. */
function withClaims(app: TestApp, claims: object): string {
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createHmac('sha256', app.config.JWT_SECRET).update(signed).digest('base64url')}`;
}
