import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Clearance } from '../../src/shared/clearance.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { logIn, PASSWORD, register, tokenOf } from '../support/accounts.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newPerson, type Person } from '../support/people.ts';
import { DIALECTS } from '../support/services.ts';
import { UsageWorld } from '../support/usage-world.ts';

const EMAIL = 'ada@example.com';
const DAYS = 300;
const MODELS = 30;
const TABLES = ['api_keys', 'api_tokens', 'sessions', 'usage_days', 'usage_months', 'usage_sums_by_day'];
const PERIOD = 'start_date=2025-08-20&end_date=2026-06-15';

describe.each(DIALECTS)('#75 a long history on %s', (dialect) => {
  let world: UsageWorld;
  let ada: Person;
  let keyId: number;
  let otherKeyId: number;
  beforeEach(async () => {
    world = await UsageWorld.start(dialect, new FixedClock('2026-06-15T10:00:00Z'));
    const { body } = await register(world.app, EMAIL).expect(201);
    ada = { id: (body as { id: number }).id, jwt: await tokenOf(world.app, EMAIL) };
    const account = world.simulator.account();
    keyId = await world.register(ada.id, account.key(), 'long used');
    otherKeyId = await world.register(ada.id, account.key(), 'hardly used');
    await use(keyId, DAYS, MODELS);
    await use(otherKeyId, 1, 1);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await world[Symbol.asyncDispose]();
  });

  /** Usage of each of the last days and of so many models. */
  async function use(id: number, days: number, models: number): Promise<void> {
    const rows = Array.from({ length: days * models }, (_, index) => {
      const date = new Date(Date.UTC(2026, 5, 15) - Math.floor(index / models) * 86_400_000).toISOString().slice(0, 10);
      return `(${ada.id}, ${id}, '${date}', 'a/model-${index % models}', 1, 2, 3, 4, 0)`;
    });
    for (let start = 0; start < rows.length; start += 500) {
      await world.sql(`insert into usage_days (user_id, api_key_id, date, model, requests, tokens_input, tokens_output,
        cost_nanos, byok_cost_nanos) values ${rows.slice(start, start + 500).join(', ')}`);
    }
    await world.sql(`insert into usage_hours (api_key_id, hour, model, requests)
      select api_key_id, date || 'T07', model, 1 from usage_days where api_key_id = ${id}`);
  }
  const countOf = async (table: string, condition = '1 = 1') =>
    Number((await world.sql<{ n: number }>(`select count(*) as n from ${table} where ${condition}`))[0]!.n);
  const as = (person: Person) => ({ Authorization: `Bearer ${person.jwt}` });
  const get = (path: string, { url }: TestApp = world.app) => request(url).get(path).set(as(ada));
  const removeKey = () => request(world.app.url).delete(`/api/keys/${keyId}`).set(as(ada));
  const leave = () => request(world.app.url).delete('/api/auth/me').set(as(ada)).send({ password: PASSWORD });
  /** As if the process ended right after the first step. */
  const crash = () => {
    const clearance = world.get(Clearance as never) as Clearance;
    for (const step of ['clearKey', 'clearKeysOf'] as const) {
      vi.spyOn(clearance, step).mockRejectedValue(new Error('a crash'));
    }
  };

  it('goes with its account while others are served', async () => {
    const bob = await newPerson(world.app);
    const progress = { served: 0, status: 0 };
    const gone = leave().then(({ status }) => void (progress.status = status));
    while (progress.status === 0) {
      await request(world.app.url).get('/api/auth/me').set(as(bob)).expect(200);
      progress.served++;
    }
    await gone;
    expect(progress.status).toBe(204);
    expect(progress.served).toBeGreaterThan(3);
    for (const table of TABLES) expect([table, await countOf(table, `user_id = ${ada.id}`)]).toEqual([table, 0]);
    expect(await countOf('usage_hours')).toBe(0);
    expect(await countOf('users', `id = ${ada.id}`)).toBe(0);
  });

  it('goes with its key, and every sum is right afterwards', async () => {
    await removeKey().expect(204);
    expect(await countOf('usage_days')).toBe(1);
    const { body } = await get('/api/stats/dashboard?days=365').expect(200);
    expect(body).toMatchObject({ summary: { total_requests: 1 }, by_key: [{ id: otherKeyId, requests: 1 }] });
    expect(await countOf('usage_sums_by_day_and_model')).toBe(1);
  });

  it('of an account leaves nothing readable behind in a crash, and goes at the next start', async () => {
    const { body } = await request(world.app.url).post('/api/tokens').set(as(ada)).send({ name: 'mine' }).expect(201);
    const token = { Authorization: `Bearer ${(body as { token: string }).token}` };
    crash();
    await leave().expect(204);
    expect(await countOf('usage_days')).toBeGreaterThan(1);
    await get('/api/auth/me').expect(401);
    await request(world.app.url).get('/api/v1/stats').set(token).expect(401);
    await logIn(world.app, EMAIL).expect(401);
    expect(await countOf('users', `email_key = '${EMAIL}' or email = '${EMAIL}'`)).toBe(0);
    expect(await countOf('api_keys', 'sealed_secret is not null or secret_hash is not null')).toBe(0);
    await world.sync();
    await register(world.app, EMAIL).expect(201);
    vi.restoreAllMocks();
    await using next = await startApp({ databaseUrl: world.app.config.DATABASE_URL, clock: world.clock });
    await expect.poll(() => countOf('users', `id = ${ada.id}`)).toBe(0);
    await request(next.url).get('/health').expect(200);
    for (const table of TABLES) expect([table, await countOf(table, `user_id = ${ada.id}`)]).toEqual([table, 0]);
    expect(await countOf('usage_hours')).toBe(0);
    await logIn(world.app, EMAIL).expect(200);
  });

  it('of a key is seen by nobody after a crash, and goes with the next clean-up', async () => {
    const [{ secret_hash }] = (await world.sql<{ secret_hash: string }>(
      `select secret_hash from api_keys where id = ${keyId}`,
    )) as [{ secret_hash: string }];
    crash();
    await removeKey().expect(204);
    expect((await get('/api/keys').expect(200)).body).toMatchObject({ total: 1, items: [{ id: otherKeyId }] });
    await get(`/api/keys/${keyId}`).expect(404);
    await removeKey().expect(404);
    expect(((await get(`/api/usage?${PERIOD}`).expect(200)).body as object[]).length).toBe(1);
    const { body } = await get('/api/stats/dashboard?days=365').expect(200);
    expect((body as { by_key: object[] }).by_key).toMatchObject([{ id: otherKeyId }]);
    expect(await countOf('api_keys', `secret_hash = '${secret_hash}'`)).toBe(0);
    vi.restoreAllMocks();
    const operator = { Authorization: `Bearer ${world.app.config.ADMIN_TOKEN}` };
    const run = await request(world.app.url).post('/admin/jobs/usage-cleanup/run').set(operator).expect(200);
    expect(run.body).toMatchObject({ figures: { removals_finished: 1 } });
    expect([await countOf('usage_days'), await countOf('api_keys')]).toEqual([1, 1]);
  });
});
