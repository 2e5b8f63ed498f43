import { SqlEntityManager } from '@mikro-orm/sql';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VerifyAudit } from '../../src/audit/verify-audit.use-case.js';
import { fingerprint } from '../../src/shared/secrets/secret.js';
import { isTokenText, newTokenText } from '../../src/tokens/token-text.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newPerson, type Person } from '../support/people.ts';
import { DIALECTS } from '../support/services.ts';

describe.each(DIALECTS)('API tokens on %s', (dialect) => {
  let app: TestApp;
  let clock: FixedClock;
  let ada: Person;
  let bob: Person;
  beforeEach(async () => {
    clock = new FixedClock();
    app = await startApp({ dialect, clock });
    [ada, bob] = [await newPerson(app, 'ada@example.org'), await newPerson(app, 'bob@example.org')];
  });
  afterEach(() => app[Symbol.asyncDispose]());

  const as = (person: Person) => ({ Authorization: `Bearer ${person.jwt}` });
  const issue = (person: Person, body: object) => request(app.url).post('/api/tokens').set(as(person)).send(body);
  const list = async (person: Person, query = {}) =>
    (await request(app.url).get('/api/tokens').query(query).set(as(person)).expect(200)).body as object[];
  const revoke = (person: Person, id: number) => request(app.url).delete(`/api/tokens/${id}`).set(as(person));
  const rows = <T>(sql: string) => app.nest.get(SqlEntityManager, { strict: false }).fork().execute<T[]>(sql);

  it('are shown once and never again, and stored as a hash', async () => {
    const { body, headers } = await issue(ada, { name: ' grafana ', expires_at: '2027-01-01T01:00:00+01:00' }).expect(
      201,
    );
    expect(body).toEqual({
      id: 1,
      name: 'grafana',
      token: expect.stringMatching(/^or_api_[0-9A-Za-z]{49}$/) as string,
      created_at: '2026-06-15T12:00:00.000Z',
      expires_at: '2027-01-01T00:00:00.000Z',
    });
    const { token } = body as { token: string };
    expect(isTokenText(token)).toBe(true);
    expect(headers['cache-control']).toBe('no-store');

    const listed = await list(ada);
    expect(listed).toEqual([
      {
        id: 1,
        name: 'grafana',
        created_at: '2026-06-15T12:00:00.000Z',
        last_used_at: null,
        expires_at: '2027-01-01T00:00:00.000Z',
        is_active: true,
      },
    ]);
    const stored = await rows<Record<string, unknown>>('select * from api_tokens');
    expect(stored).toMatchObject([{ token_hash: fingerprint(token) }]);
    const everything = JSON.stringify([stored, await rows('select * from audit_events'), app.logs]);
    expect(everything).not.toContain(token.slice(12));
  });

  it('are at most five for each user, counted exactly when many are asked for at once', async () => {
    const statuses = async (person: Person) => {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => issue(person, { name: `t${index}` })));
      return answers.map(({ status }) => status).toSorted();
    };
    const fiveOfTwenty = [...Array<number>(5).fill(201), ...Array<number>(15).fill(400)];
    expect(await statuses(ada)).toEqual(fiveOfTwenty);
    expect(await list(ada)).toHaveLength(5);
    const refused = await issue(ada, { name: 'one more' }).expect(400);
    expect(refused.body).toMatchObject({ code: 'token_limit_reached' });

    await revoke(ada, 3).expect(204);
    await issue(ada, { name: 'one more' }).expect(201);
    await issue(ada, { name: 'and another' }).expect(400);
    await issue(bob, { name: 'not my limit' }).expect(201);
    expect(await app.nest.get(VerifyAudit, { strict: false }).execute()).toMatchObject({ intact: 8, brokenAt: null });
  });

  it('make room when they expire', async () => {
    for (let count = 1; count <= 5; count++)
      await issue(ada, { name: 'x', expires_at: '2026-06-15T12:00:10Z' }).expect(201);
    await issue(ada, { name: 'x' }).expect(400);
    clock.advance(10);
    expect(await list(ada)).toMatchObject(Array.from({ length: 5 }, () => ({ is_active: false })));
    await issue(ada, { name: 'x' }).expect(201);
  });

  it('are listed newest first, revoked ones only on request', async () => {
    for (const name of ['first', 'second', 'third']) await issue(ada, { name }).expect(201);
    await revoke(ada, 2).expect(204);
    expect(await list(ada)).toMatchObject([{ name: 'third' }, { name: 'first' }]);
    expect(await list(ada, { include_revoked: 'false' })).toHaveLength(2);
    expect(await list(ada, { include_revoked: 'true' })).toMatchObject([
      { name: 'third', is_active: true },
      { name: 'second', is_active: false },
      { name: 'first', is_active: true },
    ]);
    expect(await list(bob, { include_revoked: 'true' })).toEqual([]);
  });

  it('are revoked by their owner alone, as often as they like', async () => {
    await issue(ada, { name: 'mine' }).expect(201);
    await revoke(bob, 1).expect(403);
    await revoke(bob, 999).expect(404);
    await revoke(ada, 0).expect(404);
    await request(app.url).delete('/api/tokens/abc').set(as(ada)).expect(404);
    expect(await list(ada)).toMatchObject([{ is_active: true }]);
    await Promise.all([revoke(ada, 1).expect(204), revoke(ada, 1).expect(204)]);
    clock.advance(60);
    await revoke(ada, 1).expect(204);
    const events = await rows('select actor, action, target, result from audit_events order by id');
    expect(events).toEqual([
      { actor: `user:${ada.id}`, action: 'token.issued', target: 'token:1', result: 'done' },
      { actor: `user:${ada.id}`, action: 'token.revoked', target: 'token:1', result: 'done' },
    ]);
  });

  it.each([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: '   ' }, 'name'],
    [{ name: 7 }, 'name'],
    [{ name: null }, 'name'],
    [{ name: 'x'.repeat(101) }, 'name'],
    [{ name: 'a\u{fe0f}'.repeat(100) }, 'name'],
    [{ name: 'line\nbreak' }, 'name'],
    [{ name: 'line\u2028break' }, 'name'],
    [{ name: 'nothing\u0000' }, 'name'],
    [{ name: 'half \ud83d' }, 'name'],
    [{ name: 'x', expires_at: '2026-06-15T12:00:00Z' }, 'expires_at'],
    [{ name: 'x', expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    [{ name: 'x', expires_at: '9999-12-31T23:59:59-23:59' }, 'expires_at'],
    [{ name: 'x', expires_at: '2027-01-01' }, 'expires_at'],
    [{ name: 'x', expires_at: '2027-01-01T00:00:00' }, 'expires_at'],
    [{ name: 'x', expires_at: '2027-02-30T00:00:00Z' }, 'expires_at'],
    [{ name: 'x', expires_at: '2027-01-01T23:59:60Z' }, 'expires_at'],
    [{ name: 'x', expires_at: 1_800_000_000 }, 'expires_at'],
    [{ name: 'x', expires_at: '' }, 'expires_at'],
    [{ name: 'x', user_id: 2 }, 'user_id'],
    [{ name: 'x', token: 'or_api_mine' }, 'token'],
  ])('cannot be issued from %j', async (body, field) => {
    const answer = await issue(ada, body).expect(422);
    expect(answer.body).toMatchObject({ code: 'validation_failed', errors: [{ field }] });
    expect(await list(ada)).toEqual([]);
  });

  it('take any name of 100 characters, and no expiry as never', async () => {
    for (const name of ['x'.repeat(100), '😀'.repeat(100), "Robert'); drop table api_tokens;--"]) {
      const { body } = await issue(ada, { name, expires_at: null }).expect(201);
      expect(body).toMatchObject({ name, expires_at: null });
    }
  });

  it('are not listed by a question that is not understood', async () => {
    for (const query of [
      'include_revoked=yes',
      'include_revoked=',
      'include_revoked=true&include_revoked=false',
      'all=1',
    ]) {
      await request(app.url).get(`/api/tokens?${query}`).set(as(ada)).expect(422);
    }
  });

  it('open nothing but the public API, and nobody comes to them without a session', async () => {
    const { body } = await issue(ada, { name: 'grafana' }).expect(201);
    const { token } = body as { token: string };
    for (const authorization of [`Bearer ${token}`, `Bearer ${newTokenText()}`, '']) {
      await request(app.url).get('/api/tokens').set('Authorization', authorization).expect(401);
      await request(app.url).post('/api/tokens').set('Authorization', authorization).send({ name: 'x' }).expect(401);
      await request(app.url).delete('/api/tokens/1').set('Authorization', authorization).expect(401);
    }
  });
});
