import { describe, expect, it } from 'vitest';
import { Period } from '../../shared/time/period.js';
import type { DayPart, Timeline } from '../../usage/reading/usage.reports.js';
import { spendSeries } from './spend-series.js';

const nothing = { requests: 0, tokensInput: 0, tokensOutput: 0 };

function timeline(parts: DayPart[]): Timeline {
  const sums = Map.groupBy(parts, ({ of }) => of);
  const byModel = [...sums].map(([model, own]) => ({
    ...nothing,
    model,
    cost: own.reduce((sum, { cost }) => sum + cost, 0n),
  }));
  return { totals: { ...nothing, cost: 0n }, byDay: [], byKey: [], byModel, parts };
}

describe('spend over time', () => {
  it('has a row for every day, also those without spend', () => {
    const series = spendSeries(
      timeline([{ date: '2026-06-02', of: 'm', cost: 5n }]),
      Period.between('2026-06-01', '2026-06-03'),
      'model',
    );
    expect(series).toMatchObject({ unit: 'day', columns: ['m'] });
    expect(series.rows.map(({ start, sum }) => [start, sum])).toEqual([
      ['2026-06-01', 0n],
      ['2026-06-02', 5n],
      ['2026-06-03', 0n],
    ]);
  });

  it('puts all but the dearest seven into one column and loses nothing', () => {
    const parts = Array.from({ length: 12 }, (_, index) => ({
      date: '2026-06-01',
      of: `m${index}`,
      cost: BigInt(100 - index),
    }));
    const { columns, rows } = spendSeries(timeline(parts), Period.between('2026-06-01', '2026-06-01'), 'model');
    expect(columns).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'Others']);
    expect(rows[0]!.sum).toBe(parts.reduce((sum, { cost }) => sum + cost, 0n));
  });

  it('adds up weeks from Monday where days would be too many', () => {
    const period = Period.between('2026-01-01', '2026-06-15');
    const parts = period.days().map((date) => ({ date, of: 'm', cost: 1n }));
    const { unit, rows } = spendSeries(timeline(parts), period, 'model');
    expect(unit).toBe('week');
    expect(rows.slice(0, 2).map(({ start, sum }) => [start, sum])).toEqual([
      ['2026-01-01', 4n],
      ['2026-01-05', 7n],
    ]);
    expect(rows.reduce((sum, row) => sum + row.sum, 0n)).toBe(BigInt(period.length));
  });
});
