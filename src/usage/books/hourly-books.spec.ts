import { beforeEach, describe, expect, it } from 'vitest';
import { FixedClock } from '../../../test/fakes/clock.fixed.ts';
import { BooksWorld } from '../../../test/support/books-world.ts';

describe('the hours that counters grew in', () => {
  let world: BooksWorld;
  beforeEach(() => {
    world = new BooksWorld(new FixedClock('2026-06-15T20:00:00.000Z'));
  });
  const readAt = async (iso: string, cachedSeconds = 0) => {
    world.clock.set(iso);
    await world.read(cachedSeconds);
  };
  const spendAt = (iso: string, nanos: bigint) => {
    world.clock.set(iso);
    world.spend(nanos);
  };
  const hours = async () => {
    const rows = await world.usage.hours(world.key.id, '', '9');
    return rows.map(({ hour, cost }) => [hour, cost]);
  };

  it('give back nothing that none of them was given, and get nothing for it', async () => {
    await readAt('2026-06-15T20:00:00Z');
    spendAt('2026-06-15T22:00:00Z', 10n);
    await readAt('2026-06-16T00:00:30Z', 45);
    expect(await hours()).toEqual([]);
    await readAt('2026-06-16T01:02:00Z');
    expect(await hours()).toEqual([]);
    expect(await world.costs()).toEqual({ '2026-06-15': 10n });
  });

  it('give back what they have, if that is only a part', async () => {
    await readAt('2026-06-15T20:00:00Z');
    spendAt('2026-06-15T22:00:00Z', 10n);
    await readAt('2026-06-16T00:00:30Z', 55);
    spendAt('2026-06-15T23:59:50Z', 2n);
    await readAt('2026-06-16T00:00:40Z', 45);
    expect(await hours()).toEqual([['2026-06-16T00', 2n]]);
    await readAt('2026-06-16T01:02:00Z');
    expect(await hours()).toEqual([]);
    expect(await world.costs()).toEqual({ '2026-06-15': 12n });
  });

  it('give back what was put on the wrong side of midnight, and the right side gets it', async () => {
    await readAt('2026-06-15T23:00:00Z');
    spendAt('2026-06-15T23:30:00Z', 10n);
    await readAt('2026-06-16T00:00:30Z', 45);
    expect(await hours()).toEqual([['2026-06-16T00', 10n]]);
    spendAt('2026-06-16T00:30:00Z', 3n);
    await readAt('2026-06-16T01:02:00Z');
    expect(await hours()).toEqual([
      ['2026-06-15T23', 10n],
      ['2026-06-16T00', 3n],
    ]);
  });
});
