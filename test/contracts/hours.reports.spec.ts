import { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKey } from '../../src/api-keys/api-key.entity.js';
import { User } from '../../src/auth/accounts/user.entity.js';
import { databaseOptions } from '../../src/database/mikro-orm.config.js';
import { addHours, hoursOf } from '../../src/shared/time/hour.js';
import { Period } from '../../src/shared/time/period.js';
import { KeyHour } from '../../src/usage/books/key-hour.entity.js';
import type { Hours, HoursReports } from '../../src/usage/reading/hours.reports.js';
import { MikroHoursReports } from '../../src/usage/reading/hours.reports.mikro.js';
import { UsageDay } from '../../src/usage/usage.entity.js';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { DIALECTS } from '../support/services.ts';

const CREATED = new Date('2026-01-01T00:00:00.000Z');
const HUGE = 9_007_199_254_740_993n;
const DAYS = Period.between('2026-06-14', '2026-06-15');
// Names that sort differently by byte, by UTF-16 and by language.
const NAMES = ['a', 'B', 'ä', 'a-b', '\u{1F98A}', '～', "o'neil", '%_?$1'];

describe.each(DIALECTS)('reports by the hour on %s', (dialect) => {
  let place: TestDatabase;
  let orm: MikroORM;
  let reports: HoursReports;
  beforeAll(async () => {
    place = await newDatabase(dialect);
    orm = await MikroORM.init(databaseOptions(place.url));
    const em = orm.em.fork();
    for (const id of [1, 2]) {
      await em.insert(
        User,
        Object.assign(new User(`u${id}@example.com`, `u${id}@example.com`, 'none', CREATED), { id }),
      );
    }
    reports = new MikroHoursReports(em as SqlEntityManager);
  });
  afterAll(async () => {
    await orm.close();
    await place[Symbol.asyncDispose]();
  });

  /** Two keys of the first user and one of the second, with these hours and days. */
  const hold = async (hours: KeyHour[], days: UsageDay[] = []) => {
    const em = orm.em.fork();
    for (const table of [KeyHour, UsageDay, ApiKey]) await em.nativeDelete<object>(table, {});
    const keys = [key(1, 1, 'Blog'), key(2, 1, 'Blog'), key(3, 2, 'Other')];
    for (const rows of [keys, hours, days]) {
      if (rows.length > 0) await em.insertMany<object>(rows[0]!.constructor as typeof Object, rows);
    }
  };
  const known = ({ byHour }: Hours) => byHour.filter(({ cost }) => cost !== 0n).map(({ hour, cost }) => [hour, cost]);

  it('fill in every hour and every day of the period', async () => {
    await hold([]);
    const nothing = { requests: 0, tokensInput: 0, tokensOutput: 0, cost: 0n };
    expect(await reports.of(1, DAYS, 'model')).toEqual({
      byHour: hoursOf(DAYS).map((hour) => ({ hour, ...nothing })),
      parts: [],
      names: [],
      byDay: [
        { date: '2026-06-14', ...nothing },
        { date: '2026-06-15', ...nothing },
      ],
    });
    expect(hoursOf(DAYS)).toHaveLength(48);
  });

  it('take both ends in, nothing beyond them and nothing of others', async () => {
    const at = ['2026-06-13T23', '2026-06-14T00', '2026-06-15T23', '2026-06-16T00'];
    await hold([...at.map((hour, index) => row(1, hour, 'a', 10n ** BigInt(index))), row(3, '2026-06-14T00', 'a', 5n)]);
    expect(known(await reports.of(1, DAYS, 'model'))).toEqual([
      ['2026-06-14T00', 10n],
      ['2026-06-15T23', 100n],
    ]);
    expect(known(await reports.of(2, DAYS, 'key'))).toEqual([['2026-06-14T00', 5n]]);
  });

  it('stand beside the days and are no part of them', async () => {
    const day = Object.assign(new UsageDay(1, 1, '2026-06-14', 'a'), { cost: 3n, requests: 2 });
    await hold([row(1, '2026-06-14T10', 'a', 2n)], [day]);
    const { byDay } = await reports.of(1, DAYS, 'key');
    expect(byDay.map(({ cost, requests }) => [cost, requests])).toEqual([
      [3n, 2],
      [0n, 0],
    ]);
  });

  it('tell keys of one name apart', async () => {
    await hold([row(1, '2026-06-14T10', 'a', 1n), row(2, '2026-06-14T10', 'a', 2n)]);
    const { names, parts } = await reports.of(1, DAYS, 'key');
    expect(names).toEqual([
      { of: '2', name: 'Blog' },
      { of: '1', name: 'Blog' },
    ]);
    expect(parts.toSorted((one, other) => (one.of < other.of ? -1 : 1))).toEqual([
      { hour: '2026-06-14T10', of: '1', cost: 1n },
      { hour: '2026-06-14T10', of: '2', cost: 2n },
    ]);
  });

  it('add up to the nano-dollar what rows say, from every side', async () => {
    const rows = fc.uniqueArray(
      fc.record({
        keyId: fc.constantFrom(1, 2, 3),
        hour: fc.integer({ min: -2, max: 50 }).map((hours) => addHours('2026-06-14T00', hours)),
        model: fc.constantFrom(...NAMES),
        cost: fc.constantFrom(HUGE, 1n, 2n, 100_000_000n, -1n),
      }),
      { maxLength: 40, selector: ({ keyId, hour, model }) => `${keyId} ${hour} ${model}` },
    );
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('model' as const, 'key' as const), async (list, by) => {
        const hours = list.map(({ keyId, hour, model, cost }) => row(keyId, hour, model, cost));
        await hold(hours);
        const own = hours.filter(({ apiKeyId, hour }) => apiKeyId !== 3 && hoursOf(DAYS).includes(hour));
        const found = await reports.of(1, DAYS, by);
        const nameOf = (one: KeyHour) => (by === 'model' ? one.model : String(one.apiKeyId));
        for (const { hour, ...sums } of found.byHour) expect(sums).toEqual(sum(own.filter((one) => one.hour === hour)));
        expect(found.parts.length).toBe(new Set(own.map((one) => `${one.hour} ${nameOf(one)}`)).size);
        for (const { hour, of, cost } of found.parts) {
          expect(cost).toBe(sum(own.filter((one) => one.hour === hour && nameOf(one) === of)).cost);
        }
        const costs = [...Map.groupBy(own, nameOf)].map(([of, parts]) => ({ of, cost: sum(parts).cost }));
        expect(found.names.map(({ of }) => of)).toEqual(costs.toSorted(dearestThenBytes).map(({ of }) => of));
      }),
      { numRuns: 30 },
    );
  });
});

function key(id: number, userId: number, name: string): ApiKey {
  return Object.assign(new ApiKey(userId, name, 'standard', CREATED), { id });
}

function row(keyId: number, hour: string, model: string, cost: bigint): KeyHour {
  return Object.assign(new KeyHour(keyId, hour, model), { requests: 1, tokensInput: 5, tokensOutput: 7, cost });
}

function sum(rows: KeyHour[]) {
  const count = rows.length;
  const cost = rows.reduce((all, one) => all + one.cost, 0n);
  return { requests: count, tokensInput: 5 * count, tokensOutput: 7 * count, cost };
}

function dearestThenBytes(one: { of: string; cost: bigint }, other: { of: string; cost: bigint }): number {
  if (one.cost !== other.cost) return one.cost > other.cost ? -1 : 1;
  return Buffer.compare(Buffer.from(one.of), Buffer.from(other.of));
}
