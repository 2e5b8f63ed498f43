import type { NanoUsd } from '../../shared/money.js';
import type { Day } from '../../shared/time/period.js';

/** One day of one key, as its counters and the account's activity tell it. */
export interface LedgerDay {
  readonly date: Day;
  /** What the counters show for this day. */
  spent: NanoUsd;
  /** What they showed too late to know the day: it belongs to this day or to one before. */
  late: NanoUsd;
  /** What the activity attributes to models. */
  readonly attributed: NanoUsd;
  /** Whether the activity has spoken of this day. */
  readonly isTold: boolean;
  /** Whether it lies before the counters were first read; `spent` is then what the activity told at first. */
  readonly isBackfilled: boolean;
}

/**
 * Finds the days to which late growth and corrections belong, by comparing the counters with the activity. Only moves
 * amounts from day to day: what the counters show in all stays the same. Settling twice changes nothing.
 */
export function settle(days: readonly LedgerDay[], today: Day): void {
  const oldestFirst = days.toSorted((a, b) => (a.date < b.date ? -1 : 1));
  const newestFirst = oldestFirst.toReversed();
  for (const source of oldestFirst) {
    for (const target of newestFirst.filter((day) => day.date <= source.date)) {
      placeLateGrowth(source, target);
      // Today's activity is still on its way; what it lacks proves no refund.
      if (target.date < today) placeCorrection(source, target);
    }
  }
  // What is still too much on one day and too little on another is the same spend, seen on two days.
  const completed = oldestFirst.filter((day) => day.isTold && day.date < today);
  for (const source of completed) {
    for (const target of completed) {
      placeLateGrowth(source, target);
      placeCorrection(source, target);
      if (!source.isBackfilled) placeSurplus(source, target);
    }
  }
  for (const source of completed) for (const target of completed) cancelOut(source, target);
}

/** What the counters show of a day beyond its models; negative where a correction belongs to no model. */
export function unattributedOf(day: LedgerDay): NanoUsd {
  if (!day.isTold) return day.spent + day.late;
  return (day.isBackfilled ? 0n : surplusOf(day)) + day.late;
}

/** The counters grew late, and the activity knows more of that day than they did: this is it. */
function placeLateGrowth(source: LedgerDay, target: LedgerDay): void {
  const moved = least(source.late, excessOf(target));
  source.late -= moved;
  target.spent += moved;
}

/** The counters fell, and the activity of that day has fallen too: counted once. */
function placeCorrection(source: LedgerDay, target: LedgerDay): void {
  const moved = least(-source.late, surplusOf(target));
  source.late += moved;
  target.spent -= moved;
}

/** Counted on one day, attributed to another. */
function placeSurplus(source: LedgerDay, target: LedgerDay): void {
  const moved = least(surplusOf(source), excessOf(target));
  source.spent -= moved;
  target.spent += moved;
}

/** A fall that the activity of no day explains, and growth that it explains no better: an older answer, then a newer one. */
function cancelOut(grown: LedgerDay, fallen: LedgerDay): void {
  const moved = least(grown.late, -fallen.late);
  grown.late -= moved;
  fallen.late += moved;
}

/** What the activity knows of a day beyond the counters. */
function excessOf({ isTold, attributed, spent }: LedgerDay): NanoUsd {
  return isTold && attributed > spent ? attributed - spent : 0n;
}

/** What the counters know of a day beyond the activity. */
function surplusOf({ isTold, attributed, spent }: LedgerDay): NanoUsd {
  return isTold && spent > attributed ? spent - attributed : 0n;
}

/** The smaller of two amounts, nothing if one of them is negative. */
function least(one: NanoUsd, other: NanoUsd): NanoUsd {
  const smaller = one < other ? one : other;
  return smaller > 0n ? smaller : 0n;
}
