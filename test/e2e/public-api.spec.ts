import { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiKey } from '../../src/api-keys/api-key.entity.js';
import { UsageDay, UsageMonth } from '../../src/usage/usage.entity.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newPerson, type Person } from '../support/people.ts';
import { DIALECTS } from '../support/services.ts';

interface Problem {
  code: string;
  errors?: { field: string }[];
}

describe.each(DIALECTS)('the public API on %s', (dialect) => {
  let app: TestApp;
  let ada: Person;
  let token: string;
  beforeEach(async () => {
    app = await startApp({ dialect, clock: new FixedClock() });
    ada = await newPerson(app);
    token = await newToken(ada);
  });
  afterEach(() => app[Symbol.asyncDispose]());

  async function newToken(person: Person): Promise<string> {
    const headers = { Authorization: `Bearer ${person.jwt}`, 'Content-Type': 'application/json' };
    const body = JSON.stringify({ name: 'grafana' });
    const answer = await fetch(`${app.url}/api/tokens`, { method: 'POST', headers, body });
    return ((await answer.json()) as { token: string }).token;
  }

  const get = (path: string, bearer = token) =>
    fetch(`${app.url}/api/v1${path}`, { headers: { Authorization: `Bearer ${bearer}` } });
  const read = async (path: string) => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    return answer.json();
  };

  const em = () => app.nest.get(SqlEntityManager, { strict: false }).fork();

  async function newKey(person: Person, name: string, changes: Partial<ApiKey> = {}): Promise<ApiKey> {
    const key = new ApiKey(person.id, name, 'standard', new Date('2026-01-01T00:00:00Z'));
    await em().persist(Object.assign(key, changes)).flush();
    return key;
  }

  async function use(key: ApiKey, date: string, model: string, requests: number, cost: bigint): Promise<void> {
    const figures = { requests, cost, tokensInput: requests * 10, tokensOutput: requests * 3 };
    const row =
      date.length === 7
        ? new UsageMonth(key.userId, key.id, date, model)
        : new UsageDay(key.userId, key.id, date, model);
    await em().persist(Object.assign(row, figures)).flush();
  }

  it('tells an owner without keys that there is nothing', async () => {
    expect(await read('/stats')).toEqual({
      summary: { total_requests: 0, total_cost: 0, total_tokens_input: 0, total_tokens_output: 0 },
      period: { start_date: '2026-05-17', end_date: '2026-06-15', days: 30 },
    });
    expect(await read('/usage?start_date=2026-06-01&end_date=2026-06-15')).toEqual({
      items: [],
      pagination: { page: 1, limit: 100, total: 0, pages: 0 },
    });
    expect(await read('/keys')).toEqual({ items: [], total: 0 });
  });

  it('sums up the last 30 days, today included, or the days that were asked for, of the owner alone', async () => {
    const [key, other] = [await newKey(ada, 'production'), await newKey(ada, 'staging')];
    await use(key, '2026-05-16', 'openai/gpt-5', 1000, 1n);
    await use(key, '2026-05-17', 'openai/gpt-5', 1, 100_000_000n);
    await use(key, '2026-06-15', 'openai/gpt-5', 2, 200_000_000n);
    await use(other, '2026-06-15', 'openai/gpt-5', 3, 9_007_199_254_740_993n);
    const bob = await newPerson(app);
    await use(await newKey(bob, 'not yours'), '2026-06-15', 'openai/gpt-5', 500, 5n);

    const answer = await get('/stats');
    const exact = '"total_cost":9007199.554740993,';
    expect(await answer.text()).toContain(exact);
    expect(await read('/stats')).toMatchObject({
      summary: { total_requests: 6, total_tokens_input: 60, total_tokens_output: 18 },
    });
    const days = async (query: string) => ((await read(`/stats?${query}`)) as { period: object }).period;
    expect(await days('end_date=2026-03-01')).toEqual({ start_date: '2026-01-31', end_date: '2026-03-01', days: 30 });
    expect(await days('start_date=2026-06-14')).toEqual({ start_date: '2026-06-14', end_date: '2026-06-15', days: 2 });
    expect(await days('start_date=2025-06-16&end_date=2026-06-15')).toMatchObject({ days: 365 });
    expect(await read('/stats?start_date=2026-05-16&end_date=2026-05-16')).toMatchObject({
      summary: { total_requests: 1000, total_cost: 1e-9 },
    });
  });

  it('lists usage by day and model over all keys, newest day first, page by page', async () => {
    const [key, other] = [await newKey(ada, 'production'), await newKey(ada, 'staging')];
    await use(key, '2026-06-01', 'b', 1, 1_500_000_000n);
    await use(other, '2026-06-01', 'b', 2, 250_000_000n);
    await use(key, '2026-06-01', 'a', 4, 0n);
    await use(key, '2026-06-02', 'c', 8, 1n);
    const range = 'start_date=2026-06-01&end_date=2026-06-30';
    expect(await read(`/usage?${range}`)).toEqual({
      items: [
        { date: '2026-06-02', model: 'c', requests_count: 8, tokens_input: 80, tokens_output: 24, cost: 1e-9 },
        { date: '2026-06-01', model: 'a', requests_count: 4, tokens_input: 40, tokens_output: 12, cost: 0 },
        { date: '2026-06-01', model: 'b', requests_count: 3, tokens_input: 30, tokens_output: 9, cost: 1.75 },
      ],
      pagination: { page: 1, limit: 100, total: 3, pages: 1 },
    });
    expect(await read(`/usage?${range}&limit=2&page=2`)).toMatchObject({
      items: [{ model: 'b' }],
      pagination: { page: 2, limit: 2, total: 3, pages: 2 },
    });
    expect(await read(`/usage?${range}&limit=2&page=1000000`)).toMatchObject({
      items: [],
      pagination: { page: 1_000_000, total: 3, pages: 2 },
    });
  });

  it('lists every key with its totals of all time, and never the key itself', async () => {
    const used = await newKey(ada, 'production', { secretHash: 'a'.repeat(64), sealedSecret: 'v1.sealed' });
    await newKey(ada, 'switched off', { isSwitchedOn: false });
    await newKey(ada, 'expired', { status: 'expired' });
    await newKey(await newPerson(app), 'not yours');
    await use(used, '2024-01', 'a', 100, 3_000_000_000n);
    await use(used, '2026-06-15', 'a', 1, 500_000_000n);
    const nothing = { total_requests: 0, total_cost: 0 };
    expect(await read('/keys')).toEqual({
      items: [
        { id: 1, name: 'production', is_active: true, stats: { total_requests: 101, total_cost: 3.5 } },
        { id: 2, name: 'switched off', is_active: false, stats: nothing },
        { id: 3, name: 'expired', is_active: false, stats: nothing },
      ],
      total: 3,
    });
  });

  it.each([
    ['/stats?start_date=2026-06-16', 'end_date'],
    ['/stats?start_date=2026-06-02&end_date=2026-06-01', 'end_date'],
    ['/stats?start_date=2025-06-15&end_date=2026-06-15', 'end_date'],
    ['/stats?start_date=2026-02-30', 'start_date'],
    ['/stats?start_date=', 'start_date'],
    ['/stats?start_date=2026-06-01T00:00:00Z', 'start_date'],
    ['/stats?start_date=2026-06-01&start_date=2026-06-02', 'start_date'],
    ['/stats?start_date[$gt]=2026-06-01', 'start_date[$gt]'],
    ["/stats?end_date=2026-06-01'--", 'end_date'],
    ['/stats?end_date=0000-01-05', 'end_date'],
    ['/stats?end_date=2026-06-01%00', 'end_date'],
    ['/stats?user_id=2', 'user_id'],
    ['/usage?start_date=2026-06-01', 'end_date'],
    ['/usage?end_date=2026-06-01', 'start_date'],
    ['/usage?start_date=2026-06-01&end_date=2026-06-02&page=0', 'page'],
    ['/usage?start_date=2026-06-01&end_date=2026-06-02&page=-1', 'page'],
    ['/usage?start_date=2026-06-01&end_date=2026-06-02&page=1.5', 'page'],
    ['/usage?start_date=2026-06-01&end_date=2026-06-02&page=99999999999999999999', 'page'],
    ['/usage?start_date=2026-06-01&end_date=2026-06-02&page=1e3', 'page'],
    ['/usage?start_date=2026-06-01&end_date=2026-06-02&limit=0', 'limit'],
    ['/usage?start_date=2026-06-01&end_date=2026-06-02&limit=1001', 'limit'],
    ['/usage?start_date=2026-06-01&end_date=2026-06-02&limit=', 'limit'],
    ['/usage?start_date=2026-06-01&end_date=2026-06-02&offset=5', 'offset'],
  ])('refuses %s', async (path, field) => {
    const answer = await get(path);
    expect(answer.status).toBe(422);
    const problem = (await answer.json()) as Problem;
    expect(problem).toMatchObject({ code: 'validation_failed', errors: [{ field }] });
  });
});
