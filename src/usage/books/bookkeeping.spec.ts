import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FixedClock } from '../../../test/fakes/clock.fixed.ts';
import { BooksWorld, type Deed, trueDays, truth } from '../../../test/support/books-world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const MIDNIGHT: Deed = { kind: 'midnight' };
const spend = (nanos: bigint): Deed => ({ kind: 'spend', nanos, daysAgo: 0 });
const read = (cachedSeconds: number): Deed => ({ kind: 'read', cachedSeconds });

/** Spend and corrections at random minutes of a fortnight, between readings at random minutes. */
const deeds = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('spend' as const),
        nanos: fc.bigInt(1n, 1000n),
        daysAgo: fc.constant(0),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('spend' as const),
        nanos: fc.bigInt(1n, 50n),
        daysAgo: fc.integer({ min: 0, max: 2 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('spend' as const),
        nanos: fc.bigInt(-50n, -1n),
        daysAgo: fc.integer({ min: 0, max: 2 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 3 * 24 * 60 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 120 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'midnight' as const }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('read' as const), cachedSeconds: fc.integer({ min: 0, max: 59 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('tell' as const),
        lagMinutes: fc.integer({ min: 0, max: 30 }),
        withToday: fc.boolean(),
      }),
    },
  ),
  { maxLength: 60 },
) as fc.Arbitrary<Deed[]>;

describe('the books of a key', () => {
  it('of a standard key come to what its counters say, whatever was spent, given back and read when', async () => {
    await fc.assert(
      fc.asyncProperty(deeds, async (list) => {
        const world = new BooksWorld(new FixedClock('2026-06-15T10:00:00Z'));
        await world.read(0);
        for (const deed of list) if (deed.kind !== 'tell') await world.do(deed);
        world.clock.advance((5 * MINUTE) / 1000);
        await world.read(0);
        expect(await world.total()).toBe(truth(world, '2026-06-15'));
      }),
      { numRuns: 300 },
    );
  });

  it('of a key whose activity is known come to the truth, backfilled days included', async () => {
    await fc.assert(
      fc.asyncProperty(deeds, fc.bigInt(0n, 500n), async (list, history) => {
        const world = new BooksWorld(new FixedClock('2026-06-15T10:00:00Z'));
        for (let day = 1; day <= 5; day++) world.spend(history * BigInt(day), day);
        world.clock.advance(3600);
        await world.read(0);
        await world.tell(0, true);
        for (const deed of list) await world.do(deed);
        for (let day = 0; day < 4; day++) {
          world.clock.advance(DAY / 1000);
          await world.read(0);
          await world.tell(0, true);
        }
        expect(await world.total()).toBe(truth(world, '2026-06-01'));
        const before = await world.rows();
        await world.read(0);
        await world.tell(0, true);
        expect(await world.rows()).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  it('put every amount on its own day when nothing is corrected later', async () => {
    const inTime = deeds.map((list) => list.filter((deed) => deed.kind !== 'spend' || deed.daysAgo === 0));
    await fc.assert(
      fc.asyncProperty(inTime, async (list) => {
        const world = new BooksWorld(new FixedClock('2026-06-15T10:00:00Z'));
        await world.read(0);
        for (const deed of list) await world.do(deed);
        for (let day = 0; day < 4; day++) {
          world.clock.advance(DAY / 1000);
          await world.read(0);
          await world.tell(0, true);
        }
        expect(await world.costs()).toEqual(trueDays(world));
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, Deed[]]>([
    ['an older answer, then none for a day', [spend(1n), read(0), read(1), { kind: 'wait', minutes: 840 }]],
    ['an older answer, then one out of the cache of yesterday', [spend(1n), read(0), read(1), MIDNIGHT, read(1)]],
    ['an older answer, then a correction', [spend(1n), read(0), read(1), MIDNIGHT, spend(-1n)]],
    ['corrections that the counters hide', [spend(-1n), read(0), spend(1n), MIDNIGHT, spend(-1n)]],
  ])('put every amount on its own day after %s', async (_, list) => {
    const world = new BooksWorld(new FixedClock('2026-06-15T10:00:00Z'));
    await world.read(0);
    world.clock.advance(60);
    for (const deed of list) await world.do(deed);
    for (let day = 0; day < 4; day++) {
      world.clock.advance(DAY / 1000);
      await world.read(0);
      await world.tell(0, true);
    }
    expect(await world.costs()).toEqual(trueDays(world));
  });

  it('do not take yesterday’s figures, out of a cache, for today’s once today’s were seen', async () => {
    const world = new BooksWorld(new FixedClock('2026-06-15T23:50:00Z'));
    await world.read(0);
    world.spend(7n);
    world.clock.set('2026-06-16T00:00:10Z');
    await world.read(0);
    await world.read(20);
    world.clock.advance(3600);
    world.spend(2n);
    await world.read(0);
    expect(await world.costs()).toEqual({ '2026-06-15': 7n, '2026-06-16': 2n });
  });
});
