import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ValidateKeys } from '../../src/api-keys/checking/validate-keys.use-case.js';
import { NotificationRepository } from '../../src/notifications/notification.repository.js';
import { ATTENDED_RUN } from '../../src/shared/task-run.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import type { SimulatedAccount } from '../simulator/account.ts';
import { faults } from '../simulator/faults.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newPerson, type Person } from '../support/people.ts';
import { DIALECTS } from '../support/services.ts';

interface Shown {
  id: number;
  kind: string;
  message: string;
  read_at: string | null;
  [field: string]: unknown;
}

interface List {
  items: Shown[];
  total: number;
  unread: number;
}

describe.each(DIALECTS)('notifications on %s', (dialect) => {
  let app: TestApp;
  let clock: FixedClock;
  let simulator: Simulator;
  let account: SimulatedAccount;
  let ada: Person;
  let bob: Person;
  beforeEach(async () => {
    clock = new FixedClock();
    simulator = await startSimulator({ now: () => clock.now() });
    account = simulator.account();
    const env = { OPENROUTER_BASE_URL: simulator.url, VALIDATION_CONFIRM_SECONDS: '0' };
    app = await startApp({ dialect, clock, env });
    [ada, bob] = [await newPerson(app, 'ada@example.org'), await newPerson(app, 'bob@example.org')];
  });
  afterEach(async () => {
    await app[Symbol.asyncDispose]();
    await simulator.close();
  });

  const as = (person: Person) => ({ Authorization: `Bearer ${person.jwt}` });
  const post = (person: Person, path: string, body?: object) => request(app.url).post(path).set(as(person)).send(body);
  const list = async (person: Person, query = '') =>
    (await request(app.url).get(`/api/notifications${query}`).set(as(person)).expect(200)).body as List;
  const kinds = async (person: Person) => (await list(person)).items.map(({ kind }) => kind).toSorted();
  const dailyRound = () => app.nest.get(ValidateKeys, { strict: false }).execute(ATTENDED_RUN);

  async function add(person: Person, name: string, key: string): Promise<number> {
    const { body } = await post(person, '/api/keys', { name, key }).expect(201);
    return (body as { id: number }).id;
  }

  it('tell each owner once what the daily round has found out', async () => {
    const dies = account.key();
    const expires = account.key({ expiresAt: '2026-06-18T11:00:00Z' });
    const spends = account.key({ limit: 1, limitReset: 'monthly' });
    const stays = account.key();
    const id = await add(ada, 'Dies', dies.secret);
    await add(ada, 'Expires', expires.secret);
    await add(ada, 'Spends', spends.secret);
    await add(bob, 'Stays', stays.secret);
    await add(bob, 'The same', dies.secret);
    expect(await list(ada)).toEqual({ items: [], total: 0, unread: 0 });

    dies.delete();
    spends.spend({ cost: 2 });
    for (let round = 0; round < 3; round++) {
      clock.advance(60);
      expect(await dailyRound()).toMatchObject({ checked: 5, valid: 3, refused: 2, failed: 0 });
    }
    expect(await kinds(ada)).toEqual(['key_expiring', 'key_invalid', 'key_limit_reached']);
    expect(await kinds(bob)).toEqual(['key_invalid']);
    const dead = (await list(ada)).items.find(({ kind }) => kind === 'key_invalid')!;
    expect(dead).toEqual({
      id: expect.any(Number) as number,
      kind: 'key_invalid',
      message: expect.stringMatching(/^Your key "Dies": .*\.$/) as string,
      api_key_id: id,
      created_at: '2026-06-15T12:01:00.000Z',
      read_at: null,
    });

    const shown = await request(app.url).get(`/api/keys/${id}`).set(as(ada)).expect(200);
    expect(shown.body).toMatchObject({ status: 'rejected', is_active: false });
  });

  it('wait for a second refusal before they call a key dead', async () => {
    const key = account.key();
    await add(ada, 'Key', key.secret);
    simulator.fail(faults.falseUnauthorized(), { times: 1 });
    expect(await dailyRound()).toMatchObject({ checked: 1, valid: 1, refused: 0 });
    expect(await list(ada)).toMatchObject({ total: 0 });
  });

  it('tell once of an outage that has lasted a day', async () => {
    await add(ada, 'Key', account.key().secret);
    simulator.fail(faults.cloudflare());
    for (let hour = 0; hour < 30; hour += 6) {
      await dailyRound();
      clock.advance(6 * 3600);
    }
    // The session has ended meanwhile.
    const notifications = app.nest.get(NotificationRepository, { strict: false });
    const told = await app.nest
      .get(UnitOfWork, { strict: false })
      .run(() => notifications.page(ada.id, { isUnreadOnly: true, skip: 0, limit: 10 }));
    expect(told.items.map(({ kind }) => kind)).toEqual(['key_unreachable']);
  });

  it('tell once what several checks at the same time find out', async () => {
    const key = account.key({ limit: 1 });
    const id = await add(ada, 'Key', key.secret);
    key.spend({ cost: 1 });
    await Promise.all(Array.from({ length: 8 }, () => post(ada, `/api/keys/${id}/validate`).expect(200)));
    expect(await kinds(ada)).toEqual(['key_limit_reached']);
  });

  it('are marked as read, one or all', async () => {
    for (const name of ['One', 'Two', 'Three']) {
      const key = account.key({ expiresAt: '2026-06-16T12:00:00Z' });
      await add(ada, name, key.secret);
    }
    await add(bob, 'His', account.key({ expiresAt: '2026-06-16T12:00:00Z' }).secret);
    await dailyRound();
    expect(await list(ada)).toMatchObject({ total: 3, unread: 3 });
    const [newest] = (await list(ada, '?limit=1')).items as [Shown];

    clock.advance(60);
    await post(ada, `/api/notifications/${newest.id}/read`).expect(204);
    clock.advance(60);
    await post(ada, `/api/notifications/${newest.id}/read`).expect(204);
    expect((await list(ada)).items.find(({ id }) => id === newest.id)?.read_at).toBe('2026-06-15T12:01:00.000Z');
    expect(await list(ada)).toMatchObject({ total: 3, unread: 2 });
    expect(await list(ada, '?unread=true&skip=1')).toMatchObject({ total: 2, unread: 2, items: [{ read_at: null }] });

    await post(ada, '/api/notifications/read').expect(204);
    expect(await list(ada)).toMatchObject({ total: 3, unread: 0 });
    expect(await list(ada, '?unread=true')).toEqual({ items: [], total: 0, unread: 0 });
    expect(await list(bob)).toMatchObject({ total: 1, unread: 1 });
  });

  it('belong to their reader alone, and refuse what is malformed', async () => {
    await add(ada, 'Key', account.key({ expiresAt: '2026-06-16T12:00:00Z' }).secret);
    await dailyRound();
    const [{ id }] = (await list(ada)).items as [Shown];
    await post(bob, `/api/notifications/${id}/read`).expect(403);
    expect(await list(ada)).toMatchObject({ unread: 1 });
    await post(ada, '/api/notifications/999/read').expect(404);
    await post(ada, '/api/notifications/x/read').expect(404);
    for (const query of ['unread=yes', 'unread=', 'skip=-1', 'limit=0', 'limit=101', 'kind=x']) {
      await request(app.url).get(`/api/notifications?${query}`).set(as(ada)).expect(422);
    }
  });

  it('outlive the key that they tell of', async () => {
    const id = await add(ada, 'Gone', account.key({ expiresAt: '2026-06-16T12:00:00Z' }).secret);
    await dailyRound();
    await request(app.url).delete(`/api/keys/${id}`).set(as(ada)).expect(204);
    expect(await list(ada)).toMatchObject({ total: 1, items: [{ api_key_id: null, kind: 'key_expiring' }] });
  });
});
