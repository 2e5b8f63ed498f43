import { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKey } from '../../src/api-keys/api-key.entity.js';
import type { ApiKeyStatus } from '../../src/api-keys/key-status.js';
import { User } from '../../src/auth/accounts/user.entity.js';
import { databaseOptions } from '../../src/database/mikro-orm.config.js';
import { addDays, monthOf, Period } from '../../src/shared/time/period.js';
import { UsageDay, UsageMonth } from '../../src/usage/usage.entity.js';
import { MikroUsageReports } from '../../src/usage/reading/usage.reports.mikro.js';
import {
  ROW_SORTS,
  type RowOrder,
  type Side,
  type Timeline,
  type UsageFilter,
  type UsageReports,
} from '../../src/usage/reading/usage.reports.js';
import { MemoryUsageReports } from '../fakes/usage.reports.memory.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { DIALECTS } from '../support/services.ts';

/** Everything that is stored: two users, their keys, what was used through them. */
interface Rows {
  keys: ApiKey[];
  days: UsageDay[];
  months: UsageMonth[];
}

/** A place that can hold rows and report on them. */
interface World extends AsyncDisposable {
  hold(rows: Rows): Promise<UsageReports>;
}

const CREATED = new Date('2026-01-01T00:00:00.000Z');
const USERS = [1, 2];
const START = '2026-02-20';
// Names that sort differently by byte, by UTF-16 and by language, and that are awkward in SQL.
const NAMES = ['a', 'B', 'ä', 'a-b', 'ab', 'A/b:free', '\u{1F98A}', '～', "o'neil", 'back\\slash', '%_?$1', ' "x"'];
const STATUSES: ApiKeyStatus[] = [
  'unverified',
  'valid',
  'limit_reached',
  'expiring',
  'expired',
  'disabled',
  'deleted',
  'rejected',
  'blocked',
];

const memory = async (): Promise<World> => ({
  hold: async ({ keys, days, months }) => new MemoryUsageReports(keys, days, months),
  [Symbol.asyncDispose]: async () => {},
});

async function database(dialect: 'sqlite' | 'postgres'): Promise<World> {
  const place: TestDatabase = await newDatabase(dialect);
  const orm = await MikroORM.init(databaseOptions(place.url));
  for (const id of USERS) {
    const user = Object.assign(new User(`u${id}@example.com`, `u${id}@example.com`, 'none', CREATED), { id });
    await orm.em.fork().insert(User, user);
  }
  // The order of names must not hang on the language that a database was made for.
  if (dialect === 'postgres') {
    await (orm.em as SqlEntityManager).execute(
      'alter table usage_days alter column model type varchar(200) collate "und-x-icu"',
    );
  }
  return {
    hold: async ({ keys, days, months }) => {
      const em = orm.em.fork();
      for (const table of [UsageDay, UsageMonth, ApiKey]) await em.nativeDelete<object>(table, {});
      for (const rows of [keys, days, months]) {
        if (rows.length === 0) continue;
        // Copies, because MikroORM leaves marks on what it has stored.
        await em.insertMany<object>(
          rows[0]!.constructor as typeof Object,
          rows.map((row) => ({ ...row })),
        );
      }
      return new MikroUsageReports(em as SqlEntityManager);
    },
    [Symbol.asyncDispose]: async () => {
      await orm.close();
      await place[Symbol.asyncDispose]();
    },
  };
}

const WORLDS = {
  memory,
  ...Object.fromEntries(DIALECTS.map((dialect) => [dialect, () => database(dialect)] as const)),
};

describe.each(Object.entries(WORLDS))('usage reports in %s', (_name, open) => {
  let world: World;
  beforeAll(async () => void (world = await open()));
  afterAll(() => world[Symbol.asyncDispose]());

  const week = Period.between('2026-03-01', '2026-03-07');

  it('are empty where nothing was used', async () => {
    const reports = await world.hold({ keys: [key(1, 1)], days: [], months: [] });
    const nothing = { requests: 0, tokensInput: 0, tokensOutput: 0, cost: 0n };
    expect(await reports.totals(1, week)).toEqual(nothing);
    expect(await reports.breakdown(1, week)).toEqual({ totals: nothing, byDay: [], byModel: [], byKey: [] });
    expect(await reports.rows(1, { period: week }, 0, 10)).toEqual([]);
    expect(await reports.countRows(1, { period: week })).toBe(0);
    expect(await reports.daysAndModels(1, week, 0, 10)).toEqual([]);
    expect(await reports.countDaysAndModels(1, week)).toBe(0);
    expect(await reports.allTimeByKey(1)).toEqual([{ id: 1, name: 'key 1', isActive: true, ...nothing }]);
  });

  it('take both ends of a period in and nothing beyond them', async () => {
    const days = ['2026-02-28', '2026-03-01', '2026-03-07', '2026-03-08'].map((date, index) =>
      day({ id: index + 1, date, cost: 10n ** BigInt(index) }),
    );
    const reports = await world.hold({ keys: [key(1, 1)], days, months: [] });
    expect((await reports.totals(1, week)).cost).toBe(110n);
    expect((await reports.breakdown(1, week)).byDay.map(({ date }) => date)).toEqual(['2026-03-01', '2026-03-07']);
    expect((await reports.rows(1, { period: week }, 0, 10)).map(({ date }) => date)).toEqual([
      '2026-03-07',
      '2026-03-01',
    ]);
  });

  it('add up to the nano-dollar where floating-point numbers could not', async () => {
    const days = [9_007_199_254_740_993n, 100_000_000n, 200_000_000n, 1n].map((cost, index) =>
      day({ id: index + 1, date: '2026-03-02', model: `m${index}`, cost }),
    );
    const reports = await world.hold({ keys: [key(1, 1)], days, months: [] });
    const exact = 9_007_199_554_740_994n;
    const { totals, byDay, byModel } = await reports.breakdown(1, week);
    expect([totals.cost, byDay[0]!.cost, (await reports.totals(1, week)).cost]).toEqual([exact, exact, exact]);
    expect(byModel[0]).toMatchObject({ model: 'm0', cost: 9_007_199_254_740_993n });
    expect((await reports.rows(1, { period: week, model: 'm0' }, 0, 1))[0]!.cost).toBe(9_007_199_254_740_993n);
  });

  it('call a key active exactly when the key says so itself', async () => {
    const keys = STATUSES.flatMap((status, index) => [
      key(2 * index + 1, 1, { status }),
      key(2 * index + 2, 1, { status, isSwitchedOn: false }),
    ]);
    const days = keys.map(({ id }) => day({ id, apiKeyId: id, date: '2026-03-02' }));
    const reports = await world.hold({ keys, days, months: [] });
    const said = keys.map(({ id, isActive }) => [id, isActive]);
    expect((await reports.allTimeByKey(1)).map(({ id, isActive }) => [id, isActive])).toEqual(said);
    expect((await reports.breakdown(1, week)).byKey.map(({ id, isActive }) => [id, isActive])).toEqual(said);
  });

  it('count folded months into the all-time totals, once', async () => {
    const keys = [key(1, 1), key(2, 1), key(3, 2)];
    const days = [1, 2, 3].map((id) => day({ id, date: `2026-03-0${id}`, requests: id, cost: 1n }));
    const months = [1, 2].map((id) => month({ id, month: `2025-0${id}`, requests: 10, cost: 100n }));
    const reports = await world.hold({ keys, days, months });
    expect(await reports.allTimeByKey(1)).toMatchObject([
      { id: 1, requests: 26, cost: 203n },
      { id: 2, requests: 0, cost: 0n },
    ]);
  });

  it('sort names by their bytes', async () => {
    const days = NAMES.map((model, index) => day({ id: index + 1, date: '2026-03-02', model }));
    const reports = await world.hold({ keys: [key(1, 1)], days, months: [] });
    const inOrder = [
      ' "x"',
      '%_?$1',
      'A/b:free',
      'B',
      'a',
      'a-b',
      'ab',
      'back\\slash',
      "o'neil",
      'ä',
      '～',
      '\u{1F98A}',
    ];
    const read = [
      await reports.rows(1, { period: week }, 0, 100),
      await reports.daysAndModels(1, week, 0, 100),
      (await reports.breakdown(1, week)).byModel,
    ];
    for (const lines of read) expect(lines.map(({ model }) => model)).toEqual(inOrder);
  });

  it('stream every row once, in order, however many there are', async () => {
    const days = Array.from({ length: 2_500 }, (_, index) =>
      day({
        id: index + 1,
        apiKeyId: 1 + (index % 2),
        date: addDays('2026-03-01', index % 4),
        model: `m${(index * 7919) % 2_500}`,
      }),
    );
    const reports = await world.hold({ keys: [key(1, 1), key(2, 1)], days, months: [] });
    const streamed = await all(reports.streamRows(1, { period: week }));
    expect(streamed).toHaveLength(2_500);
    expect(streamed).toEqual(await reports.rows(1, { period: week }, 0, 10_000));
  });
});

describe.each(DIALECTS)('a long stream of rows from %s', (dialect) => {
  it('lets everybody else have a turn between two batches', async () => {
    await using world = await database(dialect);
    const days = Array.from({ length: 5_000 }, (_, index) => day({ id: index + 1, model: `m${index}` }));
    const reports = await world.hold({ keys: [key(1, 1)], days, months: [] });
    let turns = 0;
    let next = setImmediate(function others() {
      turns++;
      next = setImmediate(others);
    });
    await all(reports.streamRows(1, { period: Period.between(START, START) }));
    clearImmediate(next);
    expect(turns).toBeGreaterThanOrEqual(4);
  });
});

describe('usage reports', () => {
  it('say the same in every world about the same rows', async () => {
    await using worlds = new AsyncDisposableStack();
    const held = await Promise.all(Object.values(WORLDS).map(async (open) => worlds.use(await open())));
    const property = fc.asyncProperty(anyRows(), anyQuestion(), async (rows, question) => {
      const [expected, ...others] = await Promise.all(
        held.map(async (world) => everythingAbout(await world.hold(rows), question)),
      );
      for (const other of others) expect(other).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('agree with themselves: each side of a breakdown sums up to the totals', async () => {
    const property = fc.asyncProperty(anyRows(), anyQuestion(), async (rows, { userId, filter: { period } }) => {
      const reports = await (await memory()).hold(rows);
      const { totals, byDay, byModel, byKey } = await reports.breakdown(userId, period);
      for (const side of [byDay, byModel, byKey]) {
        expect(side.reduce((sum, { cost }) => sum + cost, 0n)).toBe(totals.cost);
        expect(side.reduce((sum, { requests }) => sum + requests, 0)).toBe(totals.requests);
      }
      expect(totals).toEqual(await reports.totals(userId, period));
      for (const by of ['model', 'key'] as const) {
        const { parts, ...breakdown } = await reports.timeline(userId, period, by, Number.MAX_SAFE_INTEGER);
        expect(breakdown).toEqual({ totals, byDay, byModel, byKey });
        expect(parts.reduce((sum, { cost }) => sum + cost, 0n)).toBe(totals.cost);
      }
    });
    await fc.assert(property);
  });
});

interface Question {
  userId: number;
  order: RowOrder;
  filter: UsageFilter;
  skip: number;
  limit: number;
}

async function everythingAbout(reports: UsageReports, { userId, filter, skip, limit, order }: Question) {
  const inOrder = async (by: Side) => partsInOrder(await reports.timeline(userId, filter.period, by, limit));
  return {
    totals: await reports.totals(userId, filter.period),
    breakdown: await reports.breakdown(userId, filter.period),
    byModel: await inOrder('model'),
    byKey: await inOrder('key'),
    rows: await reports.rows(userId, filter, skip, limit),
    sorted: await reports.rows(userId, filter, skip, limit, order),
    sum: await reports.sumOfRows(userId, filter),
    count: await reports.countRows(userId, filter),
    stream: await all(reports.streamRows(userId, filter)),
    daysAndModels: await reports.daysAndModels(userId, filter.period, skip, limit),
    pairs: await reports.countDaysAndModels(userId, filter.period),
    allTime: await reports.allTimeByKey(userId),
  };
}

/** The parts of a timeline come in no particular order. */
function partsInOrder({ parts, ...breakdown }: Timeline) {
  const names = new Map(parts.map((part) => [`${part.date} ${part.of}`, part.cost]));
  expect(names.size).toBe(parts.length);
  return { breakdown, parts: [...names].toSorted(([one], [other]) => (one < other ? -1 : 1)) };
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

function anyQuestion(): fc.Arbitrary<Question> {
  const dayOffset = fc.integer({ min: 0, max: 20 });
  return fc.record({
    userId: fc.constantFrom(...USERS),
    order: fc.record({
      by: fc.constantFrom(...ROW_SORTS),
      direction: fc.constantFrom('asc' as const, 'desc' as const),
    }),
    filter: fc
      .record(
        {
          from: dayOffset,
          length: dayOffset,
          apiKeyId: fc.integer({ min: 1, max: 6 }),
          model: fc.constantFrom(...NAMES),
        },
        { requiredKeys: ['from', 'length'] },
      )
      .map(({ from, length, ...rest }) => ({
        ...rest,
        period: Period.between(addDays(START, from), addDays(START, from + length)),
      })),
    skip: fc.integer({ min: 0, max: 5 }),
    limit: fc.integer({ min: 1, max: 20 }),
  });
}

function anyRows(): fc.Arbitrary<Rows> {
  const use = fc.record({
    key: fc.integer({ min: 0, max: 4 }),
    offset: fc.integer({ min: 0, max: 20 }),
    model: fc.constantFrom(...NAMES),
    requests: fc.integer({ min: 0, max: 1_000_000_000_000 }),
    tokens: fc.integer({ min: 0, max: 1_000_000_000_000 }),
    cost: fc.bigInt({ min: -(10n ** 13n), max: 10n ** 16n }),
  });
  const keys = fc.array(
    fc.record({
      userId: fc.constantFrom(...USERS),
      name: fc.constantFrom(...NAMES),
      status: fc.constantFrom(...STATUSES),
      isSwitchedOn: fc.boolean(),
    }),
    { minLength: 5, maxLength: 5 },
  );
  return fc.tuple(keys, fc.array(use, { maxLength: 60 })).map(([owned, uses]) => {
    const known = owned.map((each, index) => key(index + 1, each.userId, each));
    return { keys: known, days: daysFrom(known, uses), months: monthsFrom(known, uses) };
  });
}

interface Use {
  key: number;
  offset: number;
  model: string;
  requests: number;
  tokens: number;
  cost: bigint;
}

function daysFrom(keys: ApiKey[], uses: Use[]): UsageDay[] {
  return unique(uses, (use) => `${use.key} ${use.offset} ${use.model}`).map((use, index) => {
    const { id: apiKeyId, userId } = keys[use.key]!;
    return day({ ...figuresOf(use), id: index + 1, userId, apiKeyId, date: addDays(START, use.offset) });
  });
}

function monthsFrom(keys: ApiKey[], uses: Use[]): UsageMonth[] {
  const monthFor = (use: Use) => monthOf(addDays('2025-01-01', use.offset * 7));
  return unique(uses, (use) => `${use.key} ${monthFor(use)} ${use.model}`).map((use, index) => {
    const { id: apiKeyId, userId } = keys[use.key]!;
    return month({ ...figuresOf(use), id: index + 1, userId, apiKeyId, month: monthFor(use) });
  });
}

function figuresOf({ model, requests, tokens, cost }: Use) {
  return { model, requests, tokensInput: tokens, tokensOutput: requests, cost };
}

function unique<T>(items: T[], nameOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [nameOf(item), item])).values()];
}

function key(id: number, userId: number, rest: Partial<Pick<ApiKey, 'name' | 'status' | 'isSwitchedOn'>> = {}): ApiKey {
  return Object.assign(new ApiKey(userId, `key ${id}`, 'standard', CREATED), { id, ...rest });
}

function day({ userId = 1, apiKeyId = 1, date = START, model = 'm', ...rest }: Partial<UsageDay>): UsageDay {
  return Object.assign(new UsageDay(userId, apiKeyId, date, model), rest);
}

function month({ userId = 1, apiKeyId = 1, month: of = '2025-01', model = 'm', ...rest }: Partial<UsageMonth>) {
  return Object.assign(new UsageMonth(userId, apiKeyId, of, model), rest);
}
