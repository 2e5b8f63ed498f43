import { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseOptions } from '../../src/database/mikro-orm.config.js';
import type { NewLoggedCall } from '../../src/gateway/request-logs/call-record.js';
import { recountLogs } from '../../src/gateway/request-logs/counts/recount-logs.mikro.js';
import { LoggedCall } from '../../src/gateway/request-logs/logged-call.entity.js';
import { MikroRequestLogRepository } from '../../src/gateway/request-logs/request-log.repository.mikro.js';
import { leadingColumn } from '../../src/gateway/request-logs/pages/counted-spans.mikro.js';
import type { LogFilter } from '../../src/gateway/request-logs/request-log.repository.js';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { loggedCall } from '../support/logged-call.ts';
import { DIALECTS } from '../support/services.ts';

const ALL: LogFilter = { clientKeyId: null, upstreamId: null, statusCode: null, model: null, from: null, to: null };
const HOUR = 3_600_000;
const START = Date.parse('2026-06-14T22:00:00.000Z');
/** Instants around the borders of hours and days, several of them shared by many calls. */
const instant = fc
  .tuple(fc.constantFrom(0, 1, 2, 3, 14, 26, 27, 50, 51), fc.constantFrom(0, 1, 59_999, 1_800_000, HOUR - 1))
  .map(([hours, rest]) => new Date(START + hours * HOUR + rest));

const call: fc.Arbitrary<NewLoggedCall> = fc
  .record({
    clientKeyId: fc.constantFrom(null, 1, 2),
    upstreamId: fc.constantFrom(null, 1, 2),
    statusCode: fc.constantFrom(200, 200, 200, 0, 429, 502),
    model: fc.constantFrom(null, '', 'a/b', "o'neil", '\u{1F98A} x', 'a b'),
    createdAt: instant,
  })
  .map(loggedCall);

const orAny = <T>(value: fc.Arbitrary<T>) => fc.oneof(fc.constant(null), value);
const filter: fc.Arbitrary<LogFilter> = fc.record({
  clientKeyId: orAny(fc.constantFrom(1, 2, 3)),
  upstreamId: orAny(fc.constantFrom(1, 2, 3)),
  statusCode: orAny(fc.constantFrom(200, 0, 502, 404)),
  model: orAny(fc.constantFrom('a/b', "o'neil", '\u{1F98A} x', 'none')),
  from: orAny(instant),
  to: orAny(instant),
});

const deed = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('append' as const), calls: fc.array(call, { maxLength: 30 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('remove' as const), before: instant, most: fc.integer({ min: 1, max: 9 }) }),
  },
);

type Row = Pick<LoggedCall, 'id' | 'clientKeyId' | 'upstreamId' | 'statusCode' | 'model' | 'createdAt'>;

describe.each(DIALECTS)('the log of requests in %s', (dialect) => {
  let database: TestDatabase;
  let orm: MikroORM;
  beforeAll(async () => {
    database = await newDatabase(dialect);
    orm = await MikroORM.init(databaseOptions(database.url));
  });
  afterAll(async () => {
    await orm.close();
    await database[Symbol.asyncDispose]();
  });

  const fork = () => orm.em.fork() as SqlEntityManager;
  const within = <T>(work: (logs: MikroRequestLogRepository, em: SqlEntityManager) => Promise<T>) =>
    fork().transactional((em) => work(new MikroRequestLogRepository(em as SqlEntityManager), em as SqlEntityManager));
  const page = (wanted: LogFilter, number: number, size: number) =>
    new MikroRequestLogRepository(fork()).page(wanted, number, size);
  const empty = () =>
    within(async (_, em) => {
      await em.execute('delete from request_logs');
      await recountLogs(em);
    });
  /** Every row, newest first, as nothing but its own table tells. */
  const rowsNow = async (): Promise<Row[]> => {
    const fields = ['id', 'clientKeyId', 'upstreamId', 'statusCode', 'model', 'createdAt'] as const;
    const rows = await fork().find(LoggedCall, {}, { orderBy: { createdAt: 'desc', id: 'desc' }, fields });
    return rows.map((row) => Object.fromEntries(fields.map((field) => [field, row[field]])) as unknown as Row);
  };
  const countsNow = async () => {
    const rows = await fork().execute<object[]>(
      `select span_hours, counted_by, begins_at, client_key_id, upstream_id, status_code, model, calls
       from request_log_counts order by 1, 2, 3, 4, 5, 6, 7`,
    );
    return JSON.stringify(rows.map((row) => Object.values(row).map(String)));
  };

  async function removeOldest({ before, most }: { before: Date; most: number }): Promise<void> {
    const rows = await rowsNow();
    const old = rows.filter(({ createdAt }) => createdAt < before).length;
    const removed = await within((logs) => logs.removeBefore(before, most));
    expect(removed).toBe(Math.min(old, most));
    expect(await rowsNow()).toEqual(rows.slice(0, rows.length - removed));
  }

  it('has the pages and the total of every filter that a look at each row would find', async () => {
    const size = fc.integer({ min: 1, max: 7 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { maxLength: 60 }),
        fc.array(fc.tuple(filter, size), { minLength: 4, maxLength: 4 }),
        async (calls, questions) => {
          await empty();
          await within((logs) => logs.append(calls));
          const all = await rowsNow();
          for (const [wanted, most] of questions) {
            const expected = all.filter((row) => matches(row, wanted));
            for (let number = 1; number <= Math.ceil(expected.length / most) + 1; number++) {
              const { items, total } = await page(wanted, number, most);
              expect(total).toBe(expected.length);
              expect(items.map(({ id }) => id)).toEqual(
                expected.slice((number - 1) * most, number * most).map(({ id }) => id),
              );
            }
          }
        },
      ),
      { numRuns: dialect === 'sqlite' ? 60 : 20 },
    );
  });

  describe('where few rows have all that is asked for', () => {
    const many = (count: number, row: Partial<NewLoggedCall>, hours = 1) =>
      Array.from({ length: count }, (_, index) =>
        loggedCall({ ...row, createdAt: new Date(START + (index % hours) * HOUR + index) }),
      );
    const wanted: LogFilter = { ...ALL, upstreamId: 1, model: 'a/b' };

    it('is looked through by whichever column has fewer of them', async () => {
      await empty();
      await within((logs) =>
        logs.append([...many(30, { upstreamId: 2, model: 'a/b' }), ...many(3, { upstreamId: 1 })]),
      );
      const leading = () => leadingColumn(fork(), wanted, [new Date(START)]);
      expect(await leading()).toBe('upstream_id');
      await within((logs) => logs.append(many(40, { upstreamId: 1, model: 'c' })));
      expect(await leading()).toBe('model');
    });

    it.runIf(dialect === 'sqlite')('lets others have their turn between two hours', async () => {
      await empty();
      await within((logs) => logs.append(many(40, { upstreamId: 1, model: 'a/b' }, 40)));
      let turns = 0;
      const count = () => void (turns++, (again = setImmediate(count)));
      let again = setImmediate(count);
      const { items } = await page(wanted, 1, 30);
      clearImmediate(again);
      expect(items).toHaveLength(30);
      expect(turns).toBeGreaterThanOrEqual(30);
    });
  });

  it('is counted exactly after everything that is written to it and removed from it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 8 }), async (deeds) => {
        await empty();
        for (const one of deeds) {
          await (one.do === 'append' ? within((logs) => logs.append(one.calls)) : removeOldest(one));
          const counted = await countsNow();
          await within((_, em) => recountLogs(em));
          expect(counted).toBe(await countsNow());
        }
      }),
      { numRuns: dialect === 'sqlite' ? 40 : 15 },
    );
  });
});

function matches(row: Row, { from, to, ...exact }: LogFilter): boolean {
  if ((from && row.createdAt < from) || (to && row.createdAt > to)) return false;
  return Object.entries(exact).every(([name, value]) => value === null || row[name as keyof Row] === value);
}
