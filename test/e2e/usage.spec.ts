import { EntityManager } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import fc from 'fast-check';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKey } from '../../src/api-keys/api-key.entity.js';
import { formatUsd, parseUsd } from '../../src/shared/money.js';
import { addDays, Period } from '../../src/shared/time/period.js';
import { UsageDay } from '../../src/usage/usage.entity.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newPerson, type Person } from '../support/people.ts';
import { DIALECTS } from '../support/services.ts';

interface Usage {
  key: ApiKey;
  date: string;
  model?: string;
  requests?: number;
  cost: string;
}

/** Puts a key into the database as if its owner had added it. */
async function newKey(app: TestApp, owner: Person, name = 'production'): Promise<ApiKey> {
  const key = new ApiKey(owner.id, name, 'standard', new Date('2026-01-01T00:00:00.000Z'));
  await entities(app).persist(key).flush();
  return key;
}

/** Puts usage into the database as if a sync had brought it. */
async function used(app: TestApp, ...usages: Usage[]): Promise<void> {
  const days = usages.map(({ key, date, model = 'openai/gpt-5', requests = 1, cost }) =>
    Object.assign(new UsageDay(key.userId, key.id, date, model), {
      requests,
      tokensInput: requests * 100,
      tokensOutput: requests * 10,
      cost: parseUsd(cost),
    }),
  );
  await entities(app).persist(days).flush();
}

function entities(app: TestApp): EntityManager {
  return app.nest.get(EntityManager, { strict: false }).fork();
}

function sql(app: TestApp, statement: string): Promise<unknown> {
  return (entities(app) as SqlEntityManager).execute(statement);
}

function get(app: TestApp, person: Person, path: string) {
  return request(app.url).get(path).auth(person.jwt, { type: 'bearer' });
}

const JUNE = 'start_date=2026-06-01&end_date=2026-06-30';

/** A key that the gateway has not called with. */
const BOOKS = { source: 'openrouter', metered_cost: null };

describe.each(DIALECTS)('usage on %s', (dialect) => {
  const clock = new FixedClock('2026-06-15T12:00:00.000Z');
  let app: TestApp;
  beforeAll(async () => void (app = await startApp({ dialect, clock })));
  afterAll(() => app[Symbol.asyncDispose]());

  it('adds up to the same everywhere, to the nano-dollar', async () => {
    const ann = await newPerson(app);
    const [one, two] = [await newKey(app, ann, 'one'), await newKey(app, ann, 'two')];
    await used(
      app,
      { key: one, date: '2026-06-01', cost: '0.1', requests: 3 },
      { key: one, date: '2026-06-15', cost: '0.2', requests: 5 },
      { key: one, date: '2026-06-15', model: 'a/b', cost: '123456.000000001' },
      { key: two, date: '2026-06-15', model: 'a/b', cost: '0.0000001', requests: 1 },
      { key: two, date: '2026-06-14', model: 'unattributed', cost: '-0.05', requests: 0 },
    );

    const { body: dashboard } = await get(app, ann, '/api/stats/dashboard').expect(200);
    expect(dashboard.summary).toEqual({
      total_requests: 10,
      total_cost: 123456.250000101,
      total_tokens_input: 1000,
      total_tokens_output: 100,
    });
    for (const side of ['by_date', 'by_model', 'by_key']) {
      expect(sum(dashboard[side], 'cost')).toBe('123456.250000101');
      expect(dashboard[side].reduce((total: number, part: { requests: number }) => total + part.requests, 0)).toBe(10);
    }
    expect(dashboard.by_model).toEqual([
      { model: 'a/b', requests: 2, cost: 123456.000000101, tokens_input: 200, tokens_output: 20, share: 0.999998 },
      { model: 'openai/gpt-5', requests: 8, cost: 0.3, tokens_input: 800, tokens_output: 80, share: 0.000002 },
      { model: 'unattributed', requests: 0, cost: -0.05, tokens_input: 0, tokens_output: 0, share: 0 },
    ]);
    expect(dashboard.by_key).toEqual([
      { id: one.id, name: 'one', requests: 9, cost: 123456.300000001, share: 1, ...BOOKS },
      { id: two.id, name: 'two', requests: 1, cost: -0.0499999, share: 0, ...BOOKS },
    ]);

    const list = await get(app, ann, `/api/usage?${JUNE}`).expect(200).expect('X-Total-Count', '5');
    expect(sum(list.body, 'cost')).toBe('123456.250000101');
    const lines = cellsOf((await get(app, ann, `/api/usage/export?${JUNE}`).expect(200)).text);
    const rows = list.body as (Record<string, unknown> & { cost: number })[];
    expect(lines[0]).toEqual(Object.keys(rows[0]!));
    expect(lines.slice(1)).toEqual(
      rows.map((row) => Object.values({ ...row, cost: formatUsd(parseUsd(row.cost)) }).map(String)),
    );
  });

  it('adds up in every answer while a sync is writing', async () => {
    const ann = await newPerson(app);
    const key = await newKey(app, ann);
    const syncing = (async () => {
      for (let count = 0; count < 40; count++) {
        await used(app, { key, date: '2026-06-15', model: `m${count}`, cost: '0.000000001' });
      }
    })();
    for (let count = 0; count < 20; count++) {
      const { body } = await get(app, ann, '/api/stats/dashboard?days=1').expect(200);
      const sides = [body.by_date, body.by_model, body.by_key].map((parts) => sum(parts, 'cost'));
      expect(new Set([...sides, formatUsd(parseUsd(body.summary.total_cost))]).size).toBe(1);
    }
    await syncing;
  });

  it('shows every day of the period, today included, whatever the day had', async () => {
    const ann = await newPerson(app);
    await used(app, { key: await newKey(app, ann), date: '2026-06-10', cost: '1' });
    const { body } = await get(app, ann, '/api/stats/dashboard').expect(200);
    expect(body.period).toEqual({ start_date: '2026-05-17', end_date: '2026-06-15', days: 30 });
    expect(body.by_date.map(({ date }: { date: string }) => date)).toEqual(
      Period.between('2026-05-17', '2026-06-15').days(),
    );
    expect(body.by_date[0]).toEqual({ date: '2026-05-17', requests: 0, cost: 0, tokens_input: 0, tokens_output: 0 });
    expect(body.by_date[24]).toEqual({
      date: '2026-06-10',
      requests: 1,
      cost: 1,
      tokens_input: 100,
      tokens_output: 10,
    });
  });

  it('is empty, not an error, for somebody who has used nothing', async () => {
    const ann = await newPerson(app);
    const { body } = await get(app, ann, '/api/stats/dashboard?days=1').expect(200);
    expect(body).toMatchObject({ summary: { total_cost: 0 }, by_date: [{ cost: 0 }], by_model: [], by_key: [] });
    await get(app, ann, `/api/usage?${JUNE}`).expect(200, []).expect('X-Total-Count', '0');
    expect((await get(app, ann, `/api/usage/export?${JUNE}`).expect(200)).text).toBe(
      'id,api_key_id,api_key_name,date,model,requests_count,tokens_input,tokens_output,cost\r\n',
    );
  });

  it('counts days in UTC, at both sides of midnight, in every time zone and over every clock change', async () => {
    clock.set('2026-03-29T23:59:59.999Z');
    const ann = await newPerson(app);
    const zone = process.env.TZ;
    const answers = new Set<string>();
    try {
      for (const TZ of ['UTC', 'Pacific/Kiritimati', 'America/St_Johns', 'Europe/Berlin']) {
        process.env.TZ = TZ;
        clock.set('2026-03-29T23:59:59.999Z');
        const before = await get(app, ann, '/api/stats/dashboard?days=3').expect(200);
        clock.set('2026-03-30T00:00:00.000Z');
        const after = await get(app, ann, '/api/stats/dashboard?days=365').expect(200);
        answers.add(before.text + after.text);
        expect(before.body.period).toEqual({ start_date: '2026-03-27', end_date: '2026-03-29', days: 3 });
        expect(after.body.period).toEqual({ start_date: '2025-03-31', end_date: '2026-03-30', days: 365 });
        expect(new Set(after.body.by_date.map(({ date }: { date: string }) => date)).size).toBe(365);
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
      clock.set('2026-06-15T12:00:00.000Z');
    }
    expect(answers.size).toBe(1);
  });

  it('lists newest day first, page by page, and narrows down by key and model', async () => {
    const ann = await newPerson(app);
    const [one, two] = [await newKey(app, ann, 'one'), await newKey(app, ann, 'two')];
    await used(
      app,
      { key: two, date: '2026-06-02', model: 'a', cost: '1' },
      { key: one, date: '2026-06-02', model: 'b', cost: '2' },
      { key: one, date: '2026-06-02', model: 'B', cost: '3' },
      { key: one, date: '2026-06-03', model: 'b', cost: '4' },
      { key: one, date: '2026-05-31', model: 'b', cost: '5' },
      { key: one, date: '2026-07-01', model: 'b', cost: '6' },
    );
    const costs = async (query: string, total: number) => {
      const { body } = await get(app, ann, `/api/usage?${JUNE}${query}`).expect('X-Total-Count', String(total));
      return body.map(({ cost }: { cost: number }) => cost);
    };
    expect(await costs('', 4)).toEqual([4, 3, 2, 1]);
    expect(await costs('&skip=1&limit=2', 4)).toEqual([3, 2]);
    expect(await costs('&skip=4', 4)).toEqual([]);
    expect(await costs('&model=b', 2)).toEqual([4, 2]);
    expect(await costs(`&api_key_id=${one.id}`, 3)).toEqual([4, 3, 2]);
    expect(await costs(`&api_key_id=${one.id}&model=a`, 0)).toEqual([]);
    const file = await get(app, ann, `/api/usage/export?${JUNE}&api_key_id=${one.id}&model=b`).expect(200);
    expect(
      cellsOf(file.text)
        .slice(1)
        .map((cells) => cells.at(-1)),
    ).toEqual(['4', '2']);
  });

  it('never shows what belongs to somebody else', async () => {
    const [ann, bob] = [await newPerson(app), await newPerson(app)];
    const key = await newKey(app, bob, "bob's key");
    await used(app, { key, date: '2026-06-15', cost: '1' });
    for (const path of ['/api/usage', '/api/usage/export']) {
      const foreign = await get(app, ann, `${path}?${JUNE}&api_key_id=${key.id}`).expect(403);
      expect(foreign.body).toMatchObject({ status: 403, code: 'forbidden' });
      expect(foreign.headers['content-type']).toMatch(/^application\/problem\+json/);
      await get(app, ann, `${path}?${JUNE}&api_key_id=2147483647`).expect(404);
      const { text } = await get(app, ann, `${path}?${JUNE}`).expect(200);
      expect(text).not.toContain('bob');
      await request(app.url).get(`${path}?${JUNE}`).expect(401);
    }
    const { body } = await get(app, ann, '/api/stats/dashboard').expect(200);
    expect(body.summary.total_cost).toBe(0);
    expect(body.by_key).toEqual([]);
    await request(app.url).get('/api/stats/dashboard').expect(401);
  });

  it('answers what cannot be asked with 422 and the name of the field', async () => {
    const ann = await newPerson(app);
    const wrong: [string, string][] = [
      ['', 'start_date'],
      ['start_date=2026-06-01', 'end_date'],
      ['start_date=2026-02-30&end_date=2026-03-01', 'start_date'],
      ['start_date=2026-6-1&end_date=2026-06-30', 'start_date'],
      ['start_date=2026-06-01T00:00:00Z&end_date=2026-06-30', 'start_date'],
      ['start_date=2026-06-02&end_date=2026-06-01', 'end_date'],
      ['start_date=2025-06-01&end_date=2026-06-01', 'end_date'],
      [`${JUNE}&end_date=2026-06-30`, 'end_date'],
      [`${JUNE}&api_key_id=0`, 'api_key_id'],
      [`${JUNE}&api_key_id=2147483648`, 'api_key_id'],
      [`${JUNE}&api_key_id=1&api_key_id=2`, 'api_key_id'],
      [`${JUNE}&model=`, 'model'],
      [`${JUNE}&model=${'m'.repeat(201)}`, 'model'],
      [`${JUNE}&model=%00`, 'model'],
      [`${JUNE}&model=a&model=b`, 'model'],
      [`${JUNE}&colour=red`, 'colour'],
    ];
    const wrongPages: [string, string][] = [
      ...['-1', '1.5', '1e3', '', '0x10', '%20', '99999999999', 'NaN', '1&skip=2'].map((value): [string, string] => [
        `${JUNE}&skip=${value}`,
        'skip',
      ]),
      ...['0', '1001', '-1', 'all', '1&limit=2'].map((value): [string, string] => [`${JUNE}&limit=${value}`, 'limit']),
    ];
    const wrongDays = ['0', '366', '-1', '1.5', '', 'x', '1&days=2'].map((value): [string, string] => [
      `days=${value}`,
      'days',
    ]);
    const asked = [
      ...[...wrong, ...wrongPages].map(([query, field]) => ({ path: `/api/usage?${query}`, field })),
      ...wrong.map(([query, field]) => ({ path: `/api/usage/export?${query}`, field })),
      ...wrongDays.map(([query, field]) => ({ path: `/api/stats/dashboard?${query}`, field })),
      { path: `/api/usage/export?${JUNE}&limit=1`, field: 'limit' },
      { path: '/api/stats/dashboard?colour=red', field: 'colour' },
    ];
    for (const { path, field } of asked) {
      const { status, body } = await get(app, ann, path);
      expect({ path, status, field: body.errors?.[0]?.field }).toEqual({ path, status: 422, field });
      expect(body.errors[0].message).toMatch(/\.$/);
    }
    await get(app, ann, '/api/usage?start_date=2025-06-02&end_date=2026-06-01&limit=1000&skip=2147483647').expect(200);
  });

  it('never answers 5xx, whatever the address says', async () => {
    const ann = await newPerson(app);
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webQueryParameters(),
      fc.constantFrom("'; --", '%', '\u0000'),
    );
    const name = fc.constantFrom('start_date', 'end_date', 'api_key_id', 'model', 'skip', 'limit', 'days', '__proto__');
    const suffix = fc.constantFrom('', '[]', '[a]', '[__proto__]');
    const parameters = fc.array(fc.tuple(name, suffix, text), { maxLength: 4 });
    const path = fc.constantFrom('/api/usage', '/api/usage/export', '/api/stats/dashboard');
    const property = fc.asyncProperty(path, fc.boolean(), parameters, async (where, withJune, more) => {
      const query = more.map(([word, tail, value]) => `${word}${tail}=${encodeURIComponent(value.toWellFormed())}`);
      const address = `${where}?${[...(withJune ? [JUNE] : []), ...query].join('&')}`;
      expect([200, 404, 422]).toContain((await get(app, ann, address)).status);
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('exports text that no spreadsheet runs, and costs without exponents', async () => {
    const ann = await newPerson(app);
    const key = await newKey(app, ann, '=HYPERLINK("http://evil.example","a")');
    await used(app, { key, date: '2026-06-15', model: ' +cmd', cost: '-0.0000001' });
    const file = await get(app, ann, `/api/usage/export?${JUNE}`).expect(200);
    expect(file.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="usage-2026-06-01-2026-06-30.csv"',
      'cache-control': 'no-store',
    });
    expect(cellsOf(file.text)[1]!.slice(2)).toEqual([
      `'=HYPERLINK("http://evil.example","a")`,
      '2026-06-15',
      "' +cmd",
      '1',
      '100',
      '10',
      '-0.0000001',
    ]);
  });
});

describe.each(DIALECTS)('a long export on %s', (dialect) => {
  const ROWS = 100_000;
  const YEAR = 'start_date=2026-01-01&end_date=2026-12-31';
  let app: TestApp;
  let ann: Person;
  beforeAll(async () => {
    app = await startApp({ dialect });
    ann = await newPerson(app);
    const { id } = await newKey(app, ann);
    const days = Array.from(
      { length: 365 },
      (_, index) => `select ${index} as d, '${addDays('2026-01-01', index)}' as date`,
    );
    await sql(
      app,
      `insert into usage_days (user_id, api_key_id, date, model, requests, tokens_input, tokens_output, cost_nanos)
       with recursive days as (${days.join(' union all ')}),
       numbers(n) as (select 0 union all select n + 1 from numbers where n < ${ROWS - 1})
       select ${ann.id}, ${id}, days.date, '${'long/'.repeat(36)}' || n, 1, 2, 3, n
       from numbers join days on days.d = n % 365`,
    );
    await sql(app, 'analyze');
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it('arrives whole', async () => {
    const lines = cellsOf((await get(app, ann, `/api/usage/export?${YEAR}`).expect(200)).text).slice(1);
    expect(lines).toHaveLength(ROWS);
    expect(new Set(lines.map(([id]) => id)).size).toBe(ROWS);
    const total = lines.reduce((nanos, cells) => nanos + parseUsd(cells.at(-1)!), 0n);
    expect(total).toBe((BigInt(ROWS) * BigInt(ROWS - 1)) / 2n);
  });

  it('breaks off audibly when the database fails in the middle of it', async () => {
    const answer = await fetch(`${app.url}/api/usage/export?${YEAR}`, {
      headers: { authorization: `Bearer ${ann.jwt}` },
    });
    const reader = answer.body!.getReader();
    await reader.read();
    await sql(app, 'drop table usage_days');
    const rest = async () => {
      while (!(await reader.read()).done);
    };
    await expect(rest()).rejects.toThrow('terminated');
    expect(app.logs.join('')).toContain('An export of usage broke off');
    const { body } = await get(app, ann, `/api/usage/export?${YEAR}`).expect(500);
    expect(body).toMatchObject({ status: 500, code: 'internal_error' });
  });
});

describe('usage on all databases', () => {
  it('is told in the same bytes', async () => {
    const told = await Promise.all(
      DIALECTS.map(async (dialect) => {
        await using app = await startApp({ dialect, clock: new FixedClock('2026-06-15T12:00:00.000Z') });
        const ann = await newPerson(app, 'ann@example.org');
        const keys = [await newKey(app, ann, 'ä'), await newKey(app, ann, 'z'), await newKey(app, ann, 'never used')];
        const models = ['a', 'B', 'ä', 'a-b', 'ab', '\u{1F98A}', '～', "o'neil", 'back\\slash'];
        const usages = models.flatMap((model, index) =>
          keys.slice(0, 2).map((key) => ({
            key,
            date: addDays('2026-06-01', index % 3),
            model,
            requests: index,
            cost: formatUsd(BigInt(index % 4) * 333_333_333n),
          })),
        );
        for (const usage of usages) await used(app, usage);
        const paths = ['/api/stats/dashboard', `/api/usage?${JUNE}`, `/api/usage/export?${JUNE}`];
        return await Promise.all(paths.map(async (path) => (await get(app, ann, path).expect(200)).text));
      }),
    );
    for (const other of told) expect(other).toEqual(told[0]);
  });
});

function sum(parts: { cost: number }[], field: 'cost'): string {
  return formatUsd(parts.reduce((total, part) => total + parseUsd(part[field]), 0n));
}

/** The lines of a CSV file, cell by cell, in the strictest reading of RFC 4180. */
function cellsOf(csv: string): string[][] {
  expect(csv.endsWith('\r\n')).toBe(true);
  const lines = csv.slice(0, -2).split('\r\n');
  return lines.map((line) =>
    [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!,
    ),
  );
}
