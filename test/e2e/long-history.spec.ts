import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Clearance } from '../../src/shared/clearance.port.js';
import { Period } from '../../src/shared/time/period.js';
import { HoursReports } from '../../src/usage/reading/hours.reports.js';
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

interface Counted {
  requests: number;
}

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
  const call = (path: string, token: string) =>
    request(world.app.url)
      .get(path)
      .set({ Authorization: `Bearer ${token}` });
  const sumOf = <Name extends string>(lines: Record<Name, number>[], name: Name) =>
    lines.reduce((sum, line) => sum + line[name], 0);

  /** How many requests each view tells of, all of one moment; each row stands for one request. */
  async function figures(token: string): Promise<Record<string, number>> {
    const { body } = await get('/api/stats/dashboard?days=365').expect(200);
    const { summary, by_date, by_model, by_key } = body as Record<'by_date' | 'by_model' | 'by_key', Counted[]> & {
      summary: Record<'total_requests', number>;
    };
    const { rows, total } = await pages();
    const stats = (await call(`/api/v1/stats?${PERIOD}`, token).expect(200)).body as {
      summary: { total_requests: number };
    };
    return {
      summary: summary.total_requests,
      by_date: sumOf(by_date, 'requests'),
      by_model: sumOf(by_model, 'requests'),
      by_key: sumOf(by_key, 'requests'),
      rows: new Set(rows).size,
      total_count: total,
      stats: stats.summary.total_requests,
      lines: await lineCount(token),
    };
  }
  const alike = (count: number) =>
    Object.fromEntries(
      ['summary', 'by_date', 'by_model', 'by_key', 'rows', 'total_count', 'stats', 'lines'].map((view) => [
        view,
        count,
      ]),
    );

  /** The rows of all pages, each by its id. */
  async function pages(): Promise<{ rows: number[]; total: number }> {
    const rows: number[] = [];
    for (;;) {
      const page = await get(`/api/usage?${PERIOD}&limit=1000&skip=${rows.length}`).expect(200);
      const total = Number(page.headers['x-total-count']);
      rows.push(...(page.body as { id: number }[]).map(({ id }) => id));
      if ((page.body as object[]).length === 0) return { rows, total };
    }
  }

  /** What the public API tells by day and model. */
  async function lineCount(token: string): Promise<number> {
    let sum = 0;
    for (let page = 1; ; page++) {
      const { body } = await call(`/api/v1/usage?${PERIOD}&limit=1000&page=${page}`, token).expect(200);
      const { items } = body as { items: { requests_count: number }[] };
      if (items.length === 0) return sum;
      sum += sumOf(items, 'requests_count');
    }
  }

  /** As if the process ended right after the first step. */
  const crash = () => {
    const clearance = world.get(Clearance);
    for (const step of ['clearKey', 'clearKeysOf'] as const) {
      vi.spyOn(clearance, step).mockRejectedValue(new Error('a crash'));
    }
  };

  it('goes with its account while others are served', async () => {
    const bob = await newPerson(world.app);
    const [isHeld, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const runUnsynced = world.unitOfWork.runUnsynced.bind(world.unitOfWork);
    let batches = 0;
    vi.spyOn(world.unitOfWork, 'runUnsynced').mockImplementation(async (work) => {
      if (++batches === 2) {
        isHeld.resolve();
        await letGo.promise;
      }
      return runUnsynced(work);
    });
    const gone = leave().then(({ status }) => status);
    await isHeld.promise;
    await request(world.app.url).get('/api/auth/me').set(as(bob)).expect(200);
    await get('/api/auth/me').expect(401);
    expect(await countOf('users', `id = ${ada.id}`)).toBe(1);
    letGo.resolve();
    expect(await gone).toBe(204);
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

  it('is cleared to the last row by each of two who are at it together', async () => {
    const clearance = world.get(Clearance);
    const left = await Promise.all(
      [1, 2].map(async () => {
        await clearance.clearKey(keyId);
        return countOf('usage_days', `api_key_id = ${keyId}`);
      }),
    );
    expect(left).toEqual([0, 0]);
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

  it('of a key stays in all figures alike after a crash, and goes with the next clean-up', async () => {
    const { body } = await request(world.app.url).post('/api/tokens').set(as(ada)).send({ name: 'mine' }).expect(201);
    const { token } = body as { token: string };
    crash();
    await removeKey().expect(204);
    expect((await get('/api/keys').expect(200)).body).toMatchObject({ total: 1, items: [{ id: otherKeyId }] });
    expect((await call('/api/v1/keys', token)).body).toMatchObject({ items: [{ id: otherKeyId }] });
    await get(`/api/keys/${keyId}`).expect(404);
    await get(`/api/usage?${PERIOD}&api_key_id=${keyId}`).expect(404);
    await removeKey().expect(404);
    expect(await countOf('api_keys', `id = ${keyId} and sealed_secret is null and secret_hash is null`)).toBe(1);
    expect(await figures(token)).toEqual(alike(DAYS * MODELS + 1));
    const days = Period.between('2026-06-14', '2026-06-15');
    const { byHour } = await world.get(HoursReports).of(ada.id, days, 'key');
    expect(sumOf(byHour, 'requests')).toBe(2 * MODELS + 1);
    await world.sql('delete from usage_days where id in (select id from usage_days order by id limit 1234)');
    expect(await figures(token)).toEqual(alike(DAYS * MODELS + 1 - 1234));
    vi.restoreAllMocks();
    const operator = { Authorization: `Bearer ${world.app.config.ADMIN_TOKEN}` };
    const run = await request(world.app.url).post('/admin/jobs/usage-cleanup/run').set(operator).expect(200);
    expect(run.body).toMatchObject({ figures: { removals_finished: 1 } });
    expect([await countOf('usage_days'), await countOf('usage_hours'), await countOf('api_keys')]).toEqual([1, 1, 1]);
    expect(await figures(token)).toEqual(alike(1));
  });

  it('that cannot be taken away holds up no other, and the clean-up tells of it', async () => {
    crash();
    await removeKey().expect(204);
    await request(world.app.url).delete(`/api/keys/${otherKeyId}`).set(as(ada)).expect(204);
    const bob = await newPerson(world.app);
    await world.sql(`update users set closed_at = created_at where id = ${bob.id}`);
    vi.restoreAllMocks();
    const clearance = world.get(Clearance);
    const clearKey = clearance.clearKey.bind(clearance);
    vi.spyOn(clearance, 'clearKeysOf').mockRejectedValue(new Error('a broken account'));
    vi.spyOn(clearance, 'clearKey').mockImplementation((id, signal) =>
      id === keyId ? Promise.reject(new Error('a broken key')) : clearKey(id, signal),
    );
    const operator = { Authorization: `Bearer ${world.app.config.ADMIN_TOKEN}` };
    const run = await request(world.app.url).post('/admin/jobs/usage-cleanup/run').set(operator);
    expect(run.body).toMatchObject({ outcome: 'failed' });
    expect(await world.sql('select id from api_keys')).toEqual([{ id: keyId }]);
    const told = world.app.logs.filter((line) => line.includes('will be taken away later')).join('\n');
    expect(told).toContain('a broken account');
    expect(told).toContain('a broken key');
  });
});
