import { describe, expect, it } from 'vitest';
import { Period } from '../../shared/time/period.js';
import type { Hours } from '../../usage/reading/hours.reports.js';
import type { DayPart, Timeline } from '../../usage/reading/usage.reports.js';
import { hourSeries, MOST_COLUMNS, spendSeries } from './spend-series.js';

const nothing = { requests: 0, tokensInput: 0, tokensOutput: 0 };

function timeline(parts: DayPart[]): Timeline {
  const sum = (own: DayPart[]) => ({ ...nothing, cost: own.reduce((all, { cost }) => all + cost, 0n) });
  const byModel = [...Map.groupBy(parts, ({ of }) => of)].map(([model, own]) => ({ model, ...sum(own) }));
  const byDay = [...Map.groupBy(parts, ({ date }) => date)].map(([date, own]) => ({ date, ...sum(own) }));
  const dearest = new Set(byModel.slice(0, MOST_COLUMNS).map(({ model }) => model));
  return { totals: sum(parts), byDay, byKey: [], byModel, parts: parts.filter(({ of }) => dearest.has(of)) };
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
    expect(rows[0]!.cells.at(-1)).toBe(93n + 92n + 91n + 90n + 89n);
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

describe('spend by the hour', () => {
  const at = (hour: string, requests: number, cost = 0n) => ({ hour, requests, tokensInput: 5, tokensOutput: 2, cost });
  const hours: Hours = {
    byHour: [at('2026-06-15T09', 1, 5n), at('2026-06-15T10', 0), at('2026-06-15T11', 2, 3n), at('2026-06-15T12', 0)],
    parts: [
      { hour: '2026-06-15T09', of: '7', cost: 5n },
      { hour: '2026-06-15T11', of: '8', cost: 3n },
      { hour: '2026-06-15T11', of: '9', cost: 0n },
    ],
    names: ['7', '8', '9'].map((of) => ({ of, name: 'CI' })),
    byDay: [],
  };

  it('has a row for every hour up to the one that is going on, and a column for what cost anything', () => {
    expect(hourSeries(hours, new Date('2026-06-15T11:59:59Z'))).toEqual({
      unit: 'hour',
      columns: ['CI', 'CI'],
      rows: [
        { start: '2026-06-15T09', cells: [5n, 0n], sum: 5n, requests: 1, tokens: 7 },
        { start: '2026-06-15T10', cells: [0n, 0n], sum: 0n, requests: 0, tokens: 7 },
        { start: '2026-06-15T11', cells: [0n, 3n], sum: 3n, requests: 2, tokens: 7 },
      ],
    });
  });

  it('of days that are over has all their hours', () => {
    expect(hourSeries(hours, new Date('2026-06-16T00:00:00Z')).rows).toHaveLength(4);
  });
});
