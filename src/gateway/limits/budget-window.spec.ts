import { describe, expect, it } from 'vitest';
import { windowOf } from './budget-window.js';

describe('the window of a budget', () => {
  it.each([
    ['day', '2026-06-17T00:00:00.000Z', '2026-06-17', '2026-06-18'],
    ['day', '2026-06-17T23:59:59.999Z', '2026-06-17', '2026-06-18'],
    ['week', '2026-06-15T00:00:00.000Z', '2026-06-15', '2026-06-22'],
    ['week', '2026-06-21T23:59:59.999Z', '2026-06-15', '2026-06-22'],
    ['week', '2027-01-01T12:00:00.000Z', '2026-12-28', '2027-01-04'],
    ['month', '2026-02-28T23:59:59.999Z', '2026-02-01', '2026-03-01'],
    ['month', '2026-12-31T23:59:59.999Z', '2026-12-01', '2027-01-01'],
  ] as const)('of a %s at %s begins on %s and ends with %s, in UTC', (period, now, startsOn, end) => {
    const endsAt = new Date(`${end}T00:00:00.000Z`);
    expect(windowOf(period, new Date(now))).toEqual({ period, startsOn, endsAt });
  });
});
