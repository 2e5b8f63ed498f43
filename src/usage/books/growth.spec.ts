import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CounterState, firstSight, growthBetween } from './growth.js';

const state = (at: string, total: bigint, today: bigint, day = at.slice(0, 10)): CounterState => ({
  at: new Date(at),
  day,
  total,
  today,
});

describe('the growth of a counter', () => {
  it('is at first what was spent today', () => {
    expect(firstSight(state('2026-06-15T10:00:00Z', 100n, 7n))).toEqual([{ date: '2026-06-15', spent: 7n, late: 0n }]);
  });

  it.each([
    ['grows within a day', 100n, 7n, 103n, 10n, [{ date: '2026-06-15', spent: 3n, late: 0n }]],
    ['stands still', 100n, 7n, 100n, 7n, [{ date: '2026-06-15', spent: 0n, late: 0n }]],
    ['is refunded of today', 100n, 7n, 98n, 5n, [{ date: '2026-06-15', spent: 0n, late: -2n }]],
    ['is refunded of another day', 100n, 7n, 98n, 7n, [{ date: '2026-06-15', spent: 0n, late: -2n }]],
    ['is charged late for another day', 100n, 7n, 105n, 8n, [{ date: '2026-06-15', spent: 1n, late: 4n }]],
    ['grows while a day before is refunded', 100n, 7n, 101n, 10n, [{ date: '2026-06-15', spent: 3n, late: -2n }]],
  ])('of a day: %s', (_, total, today, laterTotal, laterToday, expected) => {
    const before = state('2026-06-15T10:00:00Z', total, today);
    expect(growthBetween(before, state('2026-06-15T11:00:00Z', laterTotal, laterToday))).toEqual(expected);
  });

  it('is split at midnight', () => {
    const before = state('2026-06-15T23:00:00Z', 100n, 7n);
    expect(growthBetween(before, state('2026-06-16T01:00:00Z', 110n, 4n))).toEqual([
      { date: '2026-06-15', spent: 0n, late: 6n },
      { date: '2026-06-16', spent: 4n, late: 0n },
    ]);
  });

  it('over several days without a reading goes to the last of them, as late', () => {
    const before = state('2026-06-11T23:00:00Z', 100n, 7n);
    expect(growthBetween(before, state('2026-06-16T01:00:00Z', 110n, 4n))[0]).toEqual({
      date: '2026-06-15',
      spent: 0n,
      late: 6n,
    });
  });

  it('that is negative is a correction of the day on which it is seen', () => {
    const before = state('2026-06-15T23:00:00Z', 100n, 7n);
    expect(growthBetween(before, state('2026-06-16T01:00:00Z', 95n, 1n))).toEqual([
      { date: '2026-06-16', spent: 1n, late: -6n },
    ]);
  });

  it('is put right when the daily counter turns out to have been yesterday’s', () => {
    const before = state('2026-06-16T00:00:10Z', 102n, 2n);
    expect(growthBetween(before, state('2026-06-16T01:00:00Z', 103n, 1n))).toEqual([
      { date: '2026-06-15', spent: 0n, late: 2n },
      { date: '2026-06-16', spent: -1n, late: 0n },
    ]);
  });

  it('always adds up to the difference of the totals', () => {
    const states = fc.record({
      at: fc.date({ min: new Date('2026-06-14'), max: new Date('2026-06-18'), noInvalidDate: true }),
      total: fc.bigInt(-1000n, 1000n),
      today: fc.bigInt(-100n, 100n),
    });
    fc.assert(
      fc.property(states, states, (one, other) => {
        const [before, after] = [one, other]
          .map((reading) => ({ ...reading, day: reading.at.toISOString().slice(0, 10) }))
          .toSorted((a, b) => a.at.getTime() - b.at.getTime()) as [CounterState, CounterState];
        const booked = growthBetween(before, after).reduce((sum, { spent, late }) => sum + spent + late, 0n);
        expect(booked).toBe(after.total - before.total);
      }),
    );
  });
});
