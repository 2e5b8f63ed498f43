import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LedgerDay, settle, unattributedOf } from './settlement.js';

const TODAY = '2026-06-16';
const day = (date: string, facts: Partial<LedgerDay> = {}): LedgerDay => ({
  date,
  spent: 0n,
  late: 0n,
  attributed: 0n,
  isTold: true,
  isBackfilled: false,
  ...facts,
});
const settled = (...days: LedgerDay[]) => {
  settle(days, TODAY);
  return days.map(unattributedOf);
};

describe('what stays unattributed', () => {
  it('is all that the counters show while the activity is silent', () => {
    expect(settled(day('2026-06-15', { spent: 5n, late: -2n, isTold: false }))).toEqual([3n]);
  });

  it('is what the counters show beyond the models, and never less than nothing for lag alone', () => {
    expect(settled(day('2026-06-15', { spent: 5n, attributed: 3n }))).toEqual([2n]);
    expect(settled(day(TODAY, { spent: 5n, attributed: 8n }))).toEqual([0n]);
  });

  it('loses late growth that the activity knows of an earlier day', () => {
    expect(settled(day('2026-06-13', { attributed: 4n }), day('2026-06-15', { late: 6n }))).toEqual([0n, 2n]);
  });

  it('counts a refund once that counters and activity both show', () => {
    expect(settled(day('2026-06-13', { spent: 5n, attributed: 3n }), day(TODAY, { late: -2n }))).toEqual([0n, 0n]);
    const backfilled = day('2026-06-13', { spent: 5n, attributed: 3n, isBackfilled: true });
    expect(settled(backfilled, day(TODAY, { late: -2n }))).toEqual([0n, 0n]);
  });

  it('keeps a refund that belongs to no model', () => {
    expect(settled(day('2026-06-13', { spent: 5n, attributed: 5n }), day(TODAY, { late: -2n }))).toEqual([0n, -2n]);
  });

  it('takes what the activity of today lacks for a lag, not for a refund', () => {
    expect(settled(day(TODAY, { spent: 5n, attributed: 1n, late: -2n }))).toEqual([2n]);
  });

  it('is nothing on days before the counters, whatever the activity says of them later', () => {
    expect(settled(day('2026-06-01', { spent: 5n, attributed: 3n, isBackfilled: true }))).toEqual([0n]);
  });

  const amounts = fc.bigInt(0n, 20n);
  const ledgers = fc
    .uniqueArray(
      fc.record({
        date: fc.integer({ min: 1, max: 16 }).map((number) => `2026-06-${String(number).padStart(2, '0')}`),
        spent: amounts,
        late: fc.bigInt(-20n, 20n),
        attributed: amounts,
        isTold: fc.boolean(),
      }),
      { selector: ({ date }) => date, maxLength: 8 },
    )
    .map((days) => days.map((facts) => day(facts.date, facts)));

  it('is found by moving amounts only: what the counters show in all stays the same', () => {
    fc.assert(
      fc.property(ledgers, (days) => {
        const shown = () => days.reduce((sum, { spent, late }) => sum + spent + late, 0n);
        const before = shown();
        settle(days, TODAY);
        expect(shown()).toBe(before);
      }),
    );
  });

  it('is the same when it is settled again, and whatever order the days come in', () => {
    fc.assert(
      fc.property(ledgers, (days) => {
        const copy = days.map((one) => ({ ...one })).toReversed();
        settle(days, TODAY);
        settle(copy, TODAY);
        expect(copy.toReversed()).toEqual(days);
        const once = days.map((one) => ({ ...one }));
        settle(days, TODAY);
        expect(days).toEqual(once);
      }),
    );
  });

  it('never makes the whole less than the counters or the activity show', () => {
    fc.assert(
      fc.property(ledgers, (days) => {
        const sum = (of: (one: LedgerDay) => bigint) => days.reduce((total, one) => total + of(one), 0n);
        const counted = sum(({ spent, late }) => spent + late);
        const refunds = sum(({ late }) => (late < 0n ? late : 0n));
        const told = sum(({ isTold, attributed }) => (isTold ? attributed : 0n));
        settle(days, TODAY);
        const whole = told + sum(unattributedOf);
        expect(whole >= counted && whole >= told + refunds).toBe(true);
      }),
    );
  });
});
