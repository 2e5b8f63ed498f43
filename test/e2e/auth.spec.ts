import { SqlEntityManager } from '@mikro-orm/sql';
import bcrypt from 'bcryptjs';
import request, { type Response } from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiKey } from '../../src/api-keys/api-key.entity.js';
import { PasswordQueue } from '../../src/auth/passwords/password-queue.js';
import { PromoteUser } from '../../src/auth/accounts/promote-user.use-case.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { logIn, me, PASSWORD, register, tokenOf } from '../support/accounts.ts';
import { isSqlite } from '../../src/database/dialect.js';
import { NotFound } from '../../src/shared/errors.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { startApp, type TestApp } from '../support/app.ts';
import { DIALECTS } from '../support/services.ts';

const OTHER = 'another long enough password';

const emOf = (app: TestApp) => app.nest.get(SqlEntityManager, { strict: false }).fork();
const statuses = (answers: Response[]) => answers.map(({ status }) => status).toSorted();

/** Whether somebody waits for what this unit of work has changed; on SQLite everybody does from its beginning. */
async function isWaitedFor(em: SqlEntityManager): Promise<boolean> {
  if (isSqlite(em)) return true;
  const waiting = 'select 1 from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))';
  return (await em.execute<unknown[]>(waiting)).length > 0;
}

/** What an answer says, without what differs from request to request anyway. */
function essence({ status, body, headers }: Response): object {
  const { date: _date, 'x-request-id': _id, connection: _connection, ...rest } = headers as Record<string, string>;
  return { status, body: body as unknown, headers: rest };
}

describe.each(DIALECTS)('accounts on %s', (dialect) => {
  let app: TestApp;
  const clock = new FixedClock();
  // More people register here than may in a minute.
  beforeEach(() => clock.advance(61));
  beforeAll(async () => void (app = await startApp({ dialect, clock, env: { LOGIN_MAX_ATTEMPTS: '100' } })));
  afterAll(() => app[Symbol.asyncDispose]());

  it('#8 one account per e-mail address, whatever its case; the first one is the admin', async () => {
    const first = await register(app, '  Ada@Example.com ').expect(201);
    expect(first.body).toEqual({ id: expect.any(Number), email: 'Ada@Example.com', created_at: expect.any(String) });
    expect(first.headers['cache-control']).toBe('no-store');
    const again = await register(app, 'aDA@example.COM').expect(400);
    expect(again.body).toMatchObject({ code: 'email_taken', status: 400 });
    await register(app, 'bob@example.com').expect(201);
    expect((await me(app, await tokenOf(app, 'ada@example.com'))).body).toMatchObject({ role: 'admin' });
    expect((await me(app, await tokenOf(app, 'bob@example.com'))).body).toMatchObject({ role: 'user' });
  });

  it('#40 refuses an e-mail address that is no text', async () => {
    for (const path of ['register', 'login']) {
      const body = '{"email":"\\ud800@example.com","password":"long enough for this"}';
      const call = request(app.url).post(`/api/auth/${path}`).set('Content-Type', 'application/json').send(body);
      expect((await call.expect(422)).body).toMatchObject({ errors: [{ field: 'email' }] });
    }
  });

  it('#8 parallel duplicates make one account', async () => {
    const emails = Array.from({ length: 10 }, (_, index) => (index % 2 ? 'TWIN@example.com' : 'twin@example.com'));
    const answers = await Promise.all(emails.map((email) => register(app, email)));
    expect(statuses(answers)).toEqual([201, ...Array.from({ length: 9 }, () => 400)]);
  });

  it.each(['password1', '12345678', 'PassWord1', '00000000', 'short', 'x'.repeat(1001)])(
    '#3 refuses the password %.12s',
    async (password) => {
      const { body } = await register(app, 'weak@example.com', password).expect(422);
      expect(body).toMatchObject({ code: 'validation_failed', errors: [{ field: 'password' }] });
    },
  );

  it('#3 refuses the e-mail address as password', async () => {
    await register(app, 'carl.long.name@example.com', 'Carl.Long.Name@example.com').expect(422);
  });

  it('#2 takes long passwords and emoji, and looks at all of them', async () => {
    const long = `${'all work and no play makes jack a dull boy '.repeat(20)}1`;
    await register(app, 'long@example.com', long).expect(201);
    await logIn(app, 'long@example.com', `${long.slice(0, -1)}2`).expect(401);
    await logIn(app, 'long@example.com', long.slice(0, 72)).expect(401);
    await logIn(app, 'long@example.com', long).expect(200);
    await register(app, 'emoji@example.com', '🐢🐇🦊🐻🐼🐨🐯🦁').expect(201);
    await logIn(app, 'emoji@example.com', '🐢🐇🦊🐻🐼🐨🐯🦁').expect(200);
    await register(app, 'phrase@example.com', 'abcdefghijklmnopqrst').expect(201);
  });

  it('#2 turns a huge password away without hashing it', async () => {
    const hash = vi.spyOn(app.nest.get(PasswordQueue), 'hash');
    await register(app, 'huge@example.com', 'x'.repeat(1_000_000)).expect(413);
    expect(hash).not.toHaveBeenCalled();
    hash.mockRestore();
  });

  it.each([
    ['no body', undefined],
    ['a list', []],
    ['no e-mail address', { password: PASSWORD }],
    ['something that is no address', { email: 'nobody', password: PASSWORD }],
    ['a line break in the address', { email: '"a\nb"@example.com', password: PASSWORD }],
    ['a zero byte in the address', { email: 'a\0b@example.com', password: PASSWORD }],
    ['an address of 255 characters', { email: `a@${'b'.repeat(60)}.${'c'.repeat(187)}.com`, password: PASSWORD }],
    ['an address that grows in lower case', { email: `a@${`${'İ'.repeat(31)}.`.repeat(4)}com`, password: PASSWORD }],
    ['an object for a password', { email: 'a@example.com', password: { $ne: null } }],
    ['#37 a role', { email: 'a@example.com', password: PASSWORD, role: 'admin' }],
    ['#37 a prototype', JSON.parse('{"email":"a@example.com","password":"x","__proto__":{"role":"admin"}}') as object],
  ])('#38 answers %s with a 4xx', async (_, body) => {
    for (const path of ['/api/auth/register', '/api/auth/login']) {
      const { status } = await request(app.url).post(path).send(body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });

  it('logs in with a token that nobody may store', async () => {
    await register(app, 'cache@example.com').expect(201);
    const answer = await logIn(app, 'CACHE@example.com').expect(200);
    expect(answer.body).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 86_400 });
    expect(answer.headers['cache-control']).toBe('no-store');
    const known = await me(app, (answer.body as { access_token: string }).access_token).expect(200);
    expect(Object.keys(known.body as object)).toEqual(['id', 'email', 'role', 'created_at']);
    expect(known.headers['cache-control']).toBe('no-store');
  });

  it('#7 answers unknown addresses, wrong passwords and deactivated users alike, after verifying a password', async () => {
    await register(app, 'known@example.com').expect(201);
    await register(app, 'off@example.com').expect(201);
    await emOf(app).execute(`update users set is_active = false where email = 'off@example.com'`);
    const matches = vi.spyOn(app.nest.get(PasswordQueue), 'matches');
    const wrong = await logIn(app, 'known@example.com', OTHER);
    const unknown = await logIn(app, 'unknown@example.com', OTHER);
    const deactivated = await logIn(app, 'off@example.com', PASSWORD);
    expect(matches).toHaveBeenCalledTimes(3);
    matches.mockRestore();
    expect(wrong.body).toMatchObject({ status: 401, code: 'invalid_credentials' });
    expect(essence(unknown)).toEqual(essence(wrong));
    expect(essence(deactivated)).toEqual(essence(wrong));
  });

  it('#1 verifies a bcrypt or weaker hash and replaces it at the next login', async () => {
    await register(app, 'old@example.com').expect(201);
    const stored = async () => {
      const [row] = await emOf(app).execute<[{ password_hash: string }]>(
        `select password_hash from users where email = 'old@example.com'`,
      );
      return row.password_hash;
    };
    expect(await stored()).toMatch(/^\$argon2id\$v=19\$m=32768,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    const old = await bcrypt.hash(PASSWORD, 4);
    await emOf(app).execute(`update users set password_hash = ? where email = 'old@example.com'`, [old]);
    await logIn(app, 'old@example.com', OTHER).expect(401);
    expect(await stored()).toBe(old);
    await tokenOf(app, 'old@example.com');
    expect(await stored()).toMatch(/^\$argon2id\$/);
    await tokenOf(app, 'old@example.com');
  });

  it('#4 changes the password for whoever knows it, and ends the other sessions', async () => {
    await register(app, 'change@example.com').expect(201);
    const here = await tokenOf(app, 'change@example.com');
    const there = await tokenOf(app, 'change@example.com');
    const change = (body: object) =>
      request(app.url).put('/api/auth/password').set('Authorization', `Bearer ${here}`).send(body);
    const wrong = await change({ current_password: 'not the password', new_password: OTHER }).expect(400);
    expect(wrong.body).toMatchObject({ code: 'wrong_password' });
    await me(app, there).expect(200);
    const weak = await change({ current_password: PASSWORD, new_password: 'password1' }).expect(422);
    expect(weak.body).toMatchObject({ errors: [{ field: 'new_password' }] });
    await change({ current_password: PASSWORD, new_password: OTHER }).expect(204);
    await me(app, there).expect(401);
    await me(app, here).expect(200);
    await logIn(app, 'change@example.com', PASSWORD).expect(401);
    await logIn(app, 'change@example.com', OTHER).expect(200);
  });

  it('#4 lets nobody in with a password that is being changed at this moment', async () => {
    await register(app, 'race@example.com').expect(201);
    const { unitOfWork, em } = { unitOfWork: app.nest.get(UnitOfWork), em: app.nest.get(SqlEntityManager) };
    let answer: Response | undefined;
    const login = await unitOfWork.run(async () => {
      await em.execute("update users set password_hash = 'another' where email_key = 'race@example.com'");
      const running = logIn(app, 'race@example.com').then((response) => void (answer = response));
      await expect.poll(async () => answer !== undefined || (await isWaitedFor(em))).toBe(true);
      return { running };
    });
    await login.running;
    expect(answer).toMatchObject({ status: 401 });
  });

  it('#13 logs out one session at once, and only that one', async () => {
    await register(app, 'leaver@example.com').expect(201);
    const [leaving, staying] = [await tokenOf(app, 'leaver@example.com'), await tokenOf(app, 'leaver@example.com')];
    const logOut = () => request(app.url).post('/api/auth/logout').set('Authorization', `Bearer ${leaving}`);
    await logOut().expect(204);
    await me(app, leaving).expect(401);
    await logOut().expect(401);
    await me(app, staying).expect(200);
  });

  it('#14 asks the database for the role and whether the user is active at every request', async () => {
    await register(app, 'rise@example.com').expect(201);
    const token = await tokenOf(app, 'rise@example.com');
    await app.nest.get(PromoteUser).execute('RISE@example.com');
    await expect(app.nest.get(PromoteUser).execute('nobody@example.com')).rejects.toBeInstanceOf(NotFound);
    expect((await me(app, token).expect(200)).body).toMatchObject({ role: 'admin' });
    await emOf(app).execute(`update users set is_active = false where email = 'rise@example.com'`);
    await me(app, token).expect(401);
  });

  it('#4 #75 deletes the account with everything in it, for whoever knows the password', async () => {
    const { body } = await register(app, 'gone@example.com').expect(201);
    const { id } = body as { id: number };
    const token = await tokenOf(app, 'gone@example.com');
    const em = emOf(app);
    await em.persist(new ApiKey(id, 'mine', 'standard', new Date())).flush();
    const remove = (password: string) =>
      request(app.url).delete('/api/auth/me').set('Authorization', `Bearer ${token}`).send({ password });
    expect((await remove(OTHER).expect(400)).body).toMatchObject({ code: 'wrong_password' });
    expect(await rowsOf(app, id)).toEqual(expect.arrayContaining(['api_keys', 'sessions']));
    await remove(PASSWORD).expect(204);
    await me(app, token).expect(401);
    await logIn(app, 'gone@example.com').expect(401);
    expect(await rowsOf(app, id)).toEqual([]);
    await register(app, 'gone@example.com').expect(201);
  });

  it('#76 leaves a record of who did what, and no secret in it', async () => {
    const { body } = await register(app, 'traced@example.com').expect(201);
    const person = `user:${(body as { id: number }).id}`;
    const token = await tokenOf(app, 'traced@example.com');
    const asThemselves = { Authorization: `Bearer ${token}` };
    const change = { current_password: PASSWORD, new_password: OTHER };
    await request(app.url).put('/api/auth/password').set(asThemselves).send(change).expect(204);
    await request(app.url).post('/api/auth/logout').set(asThemselves).expect(204);
    const events = await emOf(app).execute<{ action: string; actor: string }[]>(
      'select * from audit_events where target = ? order by id',
      [person],
    );
    const actions = ['user.registered', 'user.logged_in', 'password.changed', 'user.logged_out'];
    expect(events.map(({ action }) => action)).toEqual(actions);
    expect(events.every(({ actor }) => actor === person)).toBe(true);
    expect(JSON.stringify(events)).not.toMatch(/@example|horse|argon2/);
  });

  it('#33 writes neither passwords nor addresses nor tokens into the log', async () => {
    await register(app, 'quiet@example.com').expect(201);
    const token = await tokenOf(app, 'quiet@example.com');
    await me(app, token).expect(200);
    const log = app.logs.join('\n');
    expect(log).toContain('/api/auth/login');
    for (const secret of [PASSWORD, OTHER, '@example.com', token, token.split('.')[2]!]) {
      expect(log).not.toContain(secret);
    }
  });
});

/** The names of the tables that still hold rows of a user. */
async function rowsOf(app: TestApp, userId: number): Promise<string[]> {
  const em = emOf(app);
  const found: string[] = [];
  for (const { tableName, properties } of em.getMetadata().getAll().values()) {
    if (!Object.values(properties).some(({ fieldNames }) => fieldNames?.includes('user_id'))) continue;
    const rows = await em.execute<object[]>(`select 1 from ${tableName} where user_id = ?`, [userId]);
    if (rows.length > 0) found.push(tableName);
  }
  return found;
}
