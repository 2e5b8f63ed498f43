import { describe, expect, it } from 'vitest';
import type { Hours } from '../../usage/reading/hours.reports.js';
import { knownHours } from './known-hours.js';

const nothing = { requests: 0, tokensInput: 0, tokensOutput: 0 };
const hours = (byHour: Record<string, bigint>, byDay: Record<string, bigint>): Hours => ({
  byHour: Object.entries(byHour).map(([hour, cost]) => ({ hour, cost, ...nothing })),
  byDay: Object.entries(byDay).map(([date, cost]) => ({ date, cost, ...nothing })),
  parts: [],
  names: [],
});

describe('the part of the spend that is known by the hour', () => {
  it('is all of it where the hours of each day come to the day', () => {
    const whole = hours(
      { '2026-06-14T00': 2n, '2026-06-14T23': 3n, '2026-06-15T00': 4n },
      { '2026-06-14': 5n, '2026-06-15': 4n },
    );
    expect(knownHours(whole)).toEqual({ hours: 9n, days: 9n, missing: 0n, excess: 0n });
  });

  it('is less where days have more than their hours', () => {
    const part = hours({ '2026-06-15T10': 4n }, { '2026-06-14': 5n, '2026-06-15': 6n });
    expect(knownHours(part)).toEqual({ hours: 4n, days: 11n, missing: 7n, excess: 0n });
  });

  it('does not let one day’s surplus hide what another lacks', () => {
    const mixed = hours({ '2026-06-14T10': 7n, '2026-06-15T10': 4n }, { '2026-06-14': 5n, '2026-06-15': 6n });
    expect(knownHours(mixed)).toEqual({ hours: 11n, days: 11n, missing: 2n, excess: 2n });
  });
});
