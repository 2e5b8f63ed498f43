import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOfHour, hourOf } from '../../shared/time/hour.js';
import type { Booking } from './growth.js';
import { hoursOfGrowth } from './growth-hours.js';
import { KeyMeter, type Reading } from './key-meter.entity.js';

const IDENTITY = { secretHash: 's'.repeat(64), openRouterHash: null };
const reading = (at: string | Date, usage: bigint, usageToday: bigint): Reading => ({
  askedAt: new Date(at),
  answeredAt: new Date(at),
  usage,
  usageToday,
  byokUsage: 0n,
  byokUsageToday: 0n,
  limitRemaining: null,
});
/** Hours and amounts of what a meter shows between two readings, as `[at, total, today]`. */
const between = (...[before, after]: [string, bigint, bigint][]) => {
  const meter = new KeyMeter(1, IDENTITY, reading(...before!));
  return hoursOfGrowth(meter.read(IDENTITY, reading(...after!))).map(({ hour, cost }) => [hour, cost]);
};

describe('the hours of what a counter grew by', () => {
  it.each([
    ['an hour that both readings lie in', '11:05', '11:55', '2026-06-15T11'],
    ['the hour that has just passed, of a sync on the hour', '10:00', '11:00', '2026-06-15T10'],
    ['the same though the syncs were a little late', '10:02', '11:04', '2026-06-15T10'],
    ['the hour with the middle of the time', '10:40', '11:40', '2026-06-15T11'],
    ['the hour with the middle of an hour and a half', '10:10', '11:40', '2026-06-15T10'],
  ])('are %s', (_, since, until, hour) => {
    expect(between([`2026-06-15T${since}:00Z`, 5n, 5n], [`2026-06-15T${until}:00Z`, 8n, 8n])).toEqual([[hour, 3n]]);
  });

  it('are not known of a longer time', () => {
    expect(between(['2026-06-15T10:00:00Z', 5n, 5n], ['2026-06-15T11:30:00.001Z', 8n, 8n])).toEqual([]);
  });

  it('are on both sides of midnight', () => {
    expect(between(['2026-06-15T23:30:00Z', 5n, 5n], ['2026-06-16T00:30:00Z', 9n, 1n])).toEqual([
      ['2026-06-15T23', 3n],
      ['2026-06-16T00', 1n],
    ]);
  });

  it('are known of the first reading only where the day is young', () => {
    const first = (at: string) => hoursOfGrowth(new KeyMeter(1, IDENTITY, reading(at, 90n, 7n)).firstGrowth);
    expect(first('2026-06-15T00:40:00Z')).toEqual([{ hour: '2026-06-15T00', cost: 7n }]);
    expect(first('2026-06-15T10:00:00Z')).toEqual([]);
  });

  it('are not known of a correction, nor of what is charged for an earlier day', () => {
    expect(between(['2026-06-15T10:00:00Z', 5n, 5n], ['2026-06-15T11:00:00Z', 4n, 4n])).toEqual([]);
    expect(between(['2026-06-15T10:00:00Z', 9n, 5n], ['2026-06-15T11:00:00Z', 13n, 6n])).toEqual([
      ['2026-06-15T10', 1n],
    ]);
    expect(between(['2026-06-15T23:30:00Z', 9n, 5n], ['2026-06-16T00:30:00Z', 8n, 1n])).toEqual([
      ['2026-06-16T00', 1n],
    ]);
  });

  it('are put right with the days when the daily counter turns out to have been yesterday’s', () => {
    const meter = new KeyMeter(1, IDENTITY, reading('2026-06-15T23:00:00Z', 100n, 0n));
    const sums = new Map<string, bigint>();
    for (const next of [reading('2026-06-16T00:00:10Z', 102n, 2n), reading('2026-06-16T01:00:00Z', 103n, 1n)]) {
      for (const { hour, cost } of hoursOfGrowth(meter.read(IDENTITY, next))) {
        sums.set(hour, (sums.get(hour) ?? 0n) + cost);
      }
    }
    expect(Object.fromEntries(sums)).toEqual({ '2026-06-15T23': 2n, '2026-06-16T00': 1n });
  });

  it('lie within the time, come to no more than the days, and each on the day of its booking', () => {
    const minutes = fc.integer({ min: 1, max: 90 });
    const amounts = fc.bigInt(0n, 1000n);
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date('2026-06-14'), max: new Date('2026-06-18') }),
        minutes,
        amounts,
        amounts,
        (since, length, before, after) => {
          const until = new Date(since.getTime() + length * 60_000);
          const isNextDay = until.getUTCDate() !== since.getUTCDate();
          const meter = new KeyMeter(1, IDENTITY, reading(since, before, before));
          const growth = meter.read(IDENTITY, reading(until, before + after, isNextDay ? after / 2n : before + after));
          const hours = hoursOfGrowth(growth);
          const days = growth.usage.map(({ date }: Booking) => date);
          for (const { hour } of hours) {
            expect(hour >= hourOf(since) && hour <= hourOf(until)).toBe(true);
            expect(days).toContain(dayOfHour(hour));
          }
          expect(hours.reduce((sum, { cost }) => sum + cost, 0n)).toBe(after);
        },
      ),
    );
  });
});
