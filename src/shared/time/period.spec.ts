import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Unprocessable } from '../errors.js';
import { addDays, dayOf, isDay, Period } from './period.js';

const instants = fc.date({ min: new Date('1971-01-01'), max: new Date('2199-12-31'), noInvalidDate: true });

describe('a period', () => {
  it('counts today among the last days', () => {
    const period = Period.last(30, new Date('2026-03-01T00:00:00Z'));
    expect(period).toMatchObject({ start: '2026-01-31', end: '2026-03-01', length: 30 });
  });

  it('lists each of its days once, in order, without a gap, whatever the instant', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: 365 }), (now, days) => {
        const listed = Period.last(days, now).days();
        expect(listed).toHaveLength(days);
        expect(listed.at(-1)).toBe(dayOf(now));
        expect(listed).toEqual([...new Set(listed)].toSorted());
      }),
    );
  });

  it('is followed at once by the one it is compared with', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: 365 }), (now, days) => {
        const period = Period.last(days, now);
        expect(addDays(period.before().end, 1)).toBe(period.start);
        expect(period.before().length).toBe(period.length);
      }),
    );
  });

  it('refuses to run backwards or over more than 365 days', () => {
    expect(() => Period.between('2026-01-02', '2026-01-01')).toThrow(Unprocessable);
    expect(Period.between('2026-01-01', '2026-12-31').length).toBe(365);
    expect(() => Period.between('2026-01-01', '2027-01-01')).toThrow('at most 365 days');
  });

  it.each(['2026-02-29', '2026-13-01', '2026-1-1', '0000-00-00', '0999-12-31', '2026-01-01T00:00:00Z', ''])(
    'is no day: %j',
    (text) => {
      expect(isDay(text)).toBe(false);
    },
  );

  it('knows leap days', () => {
    expect(isDay('2028-02-29')).toBe(true);
  });
});
