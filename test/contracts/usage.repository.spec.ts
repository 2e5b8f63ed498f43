import { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiKey } from '../../src/api-keys/api-key.entity.js';
import { User } from '../../src/auth/accounts/user.entity.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { CounterDay } from '../../src/usage/books/counter-day.entity.js';
import { CounterSnapshot } from '../../src/usage/books/counter-snapshot.entity.js';
import { KeyHour } from '../../src/usage/books/key-hour.entity.js';
import { KeyMeter, type Reading } from '../../src/usage/books/key-meter.entity.js';
import { UNATTRIBUTED, UsageDay, UsageMonth } from '../../src/usage/usage.entity.js';
import { UsageRepository } from '../../src/usage/usage.repository.js';
import { MemoryUnitOfWork } from '../fakes/unit-of-work.memory.ts';
import { MemoryUsageRepository } from '../fakes/usage.repository.memory.ts';
import { startApp } from '../support/app.ts';
import { DIALECTS, type Dialect } from '../support/services.ts';

interface World extends AsyncDisposable {
  usage: UsageRepository;
  unitOfWork: UnitOfWork;
  userId: number;
  /** Two keys of that user. */
  keyIds: [number, number];
}

const HUGE = 9_007_199_254_740_993n;

describe.each(['memory', ...DIALECTS] as const)('the books in %s', (kind) => {
  let world: World;
  beforeEach(async () => void (world = kind === 'memory' ? inMemory() : await inDatabase(kind)));
  afterEach(() => world[Symbol.asyncDispose]());

  const run = <T>(work: () => Promise<T>) => world.unitOfWork.run(work);
  const day = (date: string, model: string, cost: bigint, keyId = world.keyIds[0]) =>
    Object.assign(new UsageDay(world.userId, keyId, date, model), { cost, byokCost: cost + 1n });
  const hour = (at: string, model: string, cost: bigint, keyId = world.keyIds[0]) =>
    Object.assign(new KeyHour(keyId, at, model), { requests: 3, cost });
  const addAll = (...entries: Parameters<UsageRepository['add']>[0][]) =>
    run(async () => entries.forEach((entry) => world.usage.add(entry)));

  it('keep a meter as it was read', async () => {
    const [id] = world.keyIds;
    const reading = readingAt('2026-06-15T10:00:00.123Z', HUGE);
    await addAll(new KeyMeter(id, { secretHash: 's'.repeat(64), openRouterHash: null }, reading));
    await run(async () => (await world.usage.findMeter(id))!.close('2026-06-01'));
    await run(async () => {
      expect(await world.usage.findMeter(id)).toMatchObject({
        apiKeyId: id,
        secretHash: 's'.repeat(64),
        openRouterHash: null,
        readAt: new Date('2026-06-15T10:00:00.123Z'),
        day: '2026-06-15',
        since: '2026-06-15',
        usage: HUGE,
        usageToday: 1n,
        historyThrough: null,
        closedBefore: '2026-06-01',
      });
      expect(await world.usage.findMeter(world.keyIds[1])).toBeNull();
    });
  });

  it('sum up what stands under a model, by day, exactly, what was just changed included', async () => {
    const [id, other] = world.keyIds;
    await addAll(
      day('2026-06-13', 'a', 5n),
      day('2026-06-14', 'a', HUGE),
      day('2026-06-14', 'b', HUGE),
      day('2026-06-14', UNATTRIBUTED, 7n),
      day('2026-06-15', UNATTRIBUTED, 7n),
      day('2026-06-14', 'a', 9n, other),
    );
    await run(async () => {
      const [, changed] = await world.usage.attributedDays(id, ['2026-06-13', '2026-06-14']);
      changed!.cost += 1n;
      world.usage.add(day('2026-06-16', 'c', 3n));
      expect(await world.usage.attributed(id, '2026-06-14')).toEqual([
        { date: '2026-06-14', cost: 2n * HUGE + 1n, byokCost: 2n * HUGE + 2n },
        { date: '2026-06-16', cost: 3n, byokCost: 4n },
      ]);
    });
  });

  it('find the rows of days, with and without a model, and forget removed ones', async () => {
    const [id] = world.keyIds;
    const [a, u] = [day('2026-06-14', 'a', 1n), day('2026-06-14', UNATTRIBUTED, 2n)];
    await addAll(u, a, day('2026-06-13', UNATTRIBUTED, 3n), day('2026-06-12', UNATTRIBUTED, 4n));
    await run(async () => {
      const found = await world.usage.unattributedDays(id, '2026-06-13');
      expect(found.map(({ date, cost }) => [date, cost])).toEqual([
        ['2026-06-13', 3n],
        ['2026-06-14', 2n],
      ]);
      world.usage.remove(found[0]!);
      expect((await world.usage.attributedDays(id, ['2026-06-14'])).map(({ model }) => model)).toEqual(['a']);
      expect(await world.usage.attributedDays(id, [])).toEqual([]);
    });
    await run(async () => expect(await world.usage.unattributedDays(id, '2026-06-13')).toHaveLength(1));
  });

  it('keep what the counters showed, oldest first, and remove the old, a few at a time', async () => {
    const [id] = world.keyIds;
    const dates = ['2026-06-15', '2026-06-13', '2026-06-14'];
    await addAll(...dates.map((date) => Object.assign(new CounterDay(id, date), { late: -HUGE, isTold: true })));
    await run(async () => {
      const found = await world.usage.counterDays(id, '2026-06-14');
      expect(found.map(({ date }) => date)).toEqual(['2026-06-14', '2026-06-15']);
      expect(found[0]).toMatchObject({ spent: 0n, late: -HUGE, isTold: true, isBackfilled: false });
    });
    expect(await run(() => world.usage.removeCounterDaysBefore('2026-06-15', 1))).toBe(1);
    expect(await run(() => world.usage.removeCounterDaysBefore('2026-06-15', 5))).toBe(1);
    await run(async () => expect(await world.usage.counterDays(id, '2026-06-01')).toHaveLength(1));
  });

  it('keep snapshots by the hour, and thin and remove them', async () => {
    const [id, other] = world.keyIds;
    const at = ['2026-06-13T09:10:00Z', '2026-06-14T09:10:00Z', '2026-06-14T10:10:00Z', '2026-06-15T09:10:00Z'];
    await addAll(
      ...at.map((iso) => new CounterSnapshot(id, readingAt(iso, HUGE))),
      new CounterSnapshot(other, readingAt('2026-06-14T09:10:00Z', 1n)),
      new CounterSnapshot(id, readingAt('2026-06-15T08:10:00Z', 1n)),
    );
    await run(async () => {
      expect(await world.usage.findSnapshot(id, '2026-06-14', 9)).toMatchObject({ usage: HUGE, limitRemaining: null });
      expect(await world.usage.findSnapshot(id, '2026-06-14', 11)).toBeNull();
    });
    expect(await run(() => world.usage.thinSnapshotsBefore('2026-06-15', 10))).toBe(1);
    await run(async () => {
      expect(await world.usage.findSnapshot(id, '2026-06-14', 9)).toBeNull();
      expect(await world.usage.findSnapshot(id, '2026-06-14', 10)).not.toBeNull();
      expect(await world.usage.findSnapshot(other, '2026-06-14', 9)).not.toBeNull();
    });
    expect(await run(() => world.usage.removeSnapshotsBefore('2026-06-14', 10))).toBe(1);
  });

  it('keep hours, oldest first, find and forget them', async () => {
    const [id, other] = world.keyIds;
    await addAll(
      hour('2026-06-15T10', 'a', HUGE),
      hour('2026-06-15T09', UNATTRIBUTED, -1n),
      hour('2026-06-15T11', 'a', 1n),
      hour('2026-06-15T10', 'a', 2n, other),
    );
    await run(async () => {
      const found = await world.usage.hours(id, '2026-06-15T09', '2026-06-15T10');
      expect(found).toMatchObject([
        { apiKeyId: id, hour: '2026-06-15T09', model: UNATTRIBUTED, requests: 3, tokensInput: 0, cost: -1n },
        { apiKeyId: id, hour: '2026-06-15T10', model: 'a', cost: HUGE },
      ]);
      expect(await world.usage.findHour(id, '2026-06-15T10', 'a')).toBe(found[1]);
      expect(await world.usage.findHour(id, '2026-06-15T10', 'b')).toBeNull();
      world.usage.remove(found[0]!);
      found[1]!.cost += 1n;
    });
    await run(async () => {
      const left = await world.usage.hours(id, '2026-06-15T00', '2026-06-15T23');
      expect(left.map((one) => [one.hour, one.cost])).toEqual([
        ['2026-06-15T10', HUGE + 1n],
        ['2026-06-15T11', 1n],
      ]);
    });
  });

  it('remove hours before one, a few at a time', async () => {
    const [id, other] = world.keyIds;
    await addAll(
      ...['2026-06-14T22', '2026-06-14T23', '2026-06-15T00'].flatMap((at) => [hour(at, 'a', 1n), hour(at, 'b', 1n)]),
      hour('2026-06-14T23', 'a', 1n, other),
    );
    expect(await run(() => world.usage.removeHoursBefore('2026-06-15T00', 3))).toBe(3);
    expect(await run(() => world.usage.removeHoursBefore('2026-06-15T00', 3))).toBe(2);
    expect(await run(() => world.usage.removeHoursBefore('2026-06-15T00', 3))).toBe(0);
    await run(async () => expect(await world.usage.hours(id, '2026-06-01T00', '2026-07-01T00')).toHaveLength(2));
  });

  it('tell who has old days, and which', async () => {
    await addAll(day('2026-06-14', 'a', 1n), day('2026-06-12', 'a', 2n), day('2026-06-13', 'a', 3n, world.keyIds[1]));
    await run(async () => {
      expect(await world.usage.findOwnerOfDaysBefore('2026-06-12')).toBeNull();
      expect(await world.usage.findOwnerOfDaysBefore('2026-06-14')).toBe(world.userId);
      const old = await world.usage.daysBefore('2026-06-14', world.userId, 10);
      expect(old.map(({ date }) => date)).toEqual(['2026-06-12', '2026-06-13']);
      expect(await world.usage.daysBefore('2026-06-14', world.userId, 1)).toHaveLength(1);
      expect(await world.usage.daysBefore('2026-06-14', world.userId + 1, 10)).toEqual([]);
    });
  });

  it('find months by key', async () => {
    const [id, other] = world.keyIds;
    const months = [
      new UsageMonth(world.userId, id, '2026-05', 'a'),
      new UsageMonth(world.userId, id, '2026-04', 'a'),
      new UsageMonth(world.userId, other, '2026-05', 'a'),
    ];
    await addAll(...months.map((month) => Object.assign(month, { cost: HUGE })));
    await run(async () => {
      const found = await world.usage.months([id], ['2026-05', '2026-06']);
      expect(found).toMatchObject([{ apiKeyId: id, month: '2026-05', cost: HUGE, tokensCached: null }]);
    });
  });

  it('hand over everything of one key to another, whose own goes', async () => {
    const [from, to] = world.keyIds;
    const identity = { secretHash: null, openRouterHash: 'f'.repeat(64) };
    const meter = (id: number) => new KeyMeter(id, identity, readingAt('2026-06-15T10:00:00Z', BigInt(id)));
    const days = [day('2026-06-14', 'a', 1n, from), day('2026-06-14', 'a', 2n, to), day('2026-06-13', 'b', 3n, to)];
    await addAll(meter(from), meter(to), ...days, new CounterDay(from, '2026-06-14'), new CounterDay(to, '2026-06-13'));
    await addAll(
      hour('2026-06-14T10', 'a', 1n, from),
      hour('2026-06-14T10', 'a', 2n, to),
      hour('2026-06-14T11', 'a', 3n, to),
    );
    await run(() => world.usage.handOver(from, to));
    await run(async () => {
      expect((await world.usage.findMeter(to))?.usage).toBe(BigInt(from));
      expect(await world.usage.findMeter(from)).toBeNull();
      const kept = await world.usage.attributedDays(to, ['2026-06-13', '2026-06-14']);
      expect(kept.map(({ model, cost }) => [model, cost])).toEqual([['a', 1n]]);
      const hours = await world.usage.hours(to, '2026-06-01T00', '2026-07-01T00');
      expect(hours.map((one) => [one.hour, one.cost])).toEqual([['2026-06-14T10', 1n]]);
      expect((await world.usage.counterDays(to, '2026-01-01')).map(({ date }) => date)).toEqual(['2026-06-14']);
    });
  });
});

function readingAt(iso: string, usage: bigint): Reading {
  const at = new Date(iso);
  return {
    askedAt: at,
    answeredAt: at,
    usage,
    usageToday: 1n,
    byokUsage: 0n,
    byokUsageToday: 0n,
    limitRemaining: null,
  };
}

function inMemory(): World {
  return {
    usage: new MemoryUsageRepository(),
    unitOfWork: new MemoryUnitOfWork(),
    userId: 1,
    keyIds: [1, 2],
    [Symbol.asyncDispose]: async () => {},
  };
}

async function inDatabase(dialect: Dialect): Promise<World> {
  const app = await startApp({ dialect });
  const unitOfWork = app.nest.get(UnitOfWork, { strict: false });
  const em = app.nest.get(SqlEntityManager, { strict: false });
  const [userId, keyIds] = await unitOfWork.run(async () => {
    const user = new User('ada@example.com', 'ada@example.com', 'no password', new Date());
    await em.persist(user).flush();
    const keys = ['one', 'two'].map((name) => new ApiKey(user.id, name, 'standard', new Date()));
    await em.persist(keys).flush();
    return [user.id, keys.map(({ id }) => id) as [number, number]] as const;
  });
  const usage = app.nest.get(UsageRepository, { strict: false });
  return { usage, unitOfWork, userId, keyIds, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}
