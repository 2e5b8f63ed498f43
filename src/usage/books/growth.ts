import type { NanoUsd } from '../../shared/money.js';
import { addDays, type Day, startOf } from '../../shared/time/period.js';

/** What one of a key's two counters (credits, own provider keys) showed at one moment. */
export interface CounterState {
  at: Date;
  /** The UTC day that `today` is about. */
  day: Day;
  /** Over the key's whole life. */
  total: NanoUsd;
  today: NanoUsd;
}

/** What a change of the counters means for one day. */
export interface Booking {
  date: Day;
  /** Spent on that very day: the daily counter says so. */
  spent: NanoUsd;
  /** Spent or given back on that day or before; the counters do not tell when. */
  late: NanoUsd;
}

/** OpenRouter answers from a cache of about a minute, so right after midnight its daily counters may be yesterday's. */
const CACHE_MS = 5 * 60_000;

/** Whether the daily counters of an answer may still be those of the day before. */
export function isJustPastMidnight(at: Date, day: Day): boolean {
  return at.getTime() - startOf(day).getTime() < CACHE_MS;
}

/** The first sight of a counter: today's part is known, everything before is not ours to book. */
export function firstSight({ day, today }: CounterState): Booking[] {
  return [{ date: day, spent: today, late: 0n }];
}

/**
 * Splits what a counter has grown by, or fallen by, over the days it belongs to. The bookings always add up to the
 * difference of the two totals.
 */
export function growthBetween(before: CounterState, after: CounterState): Booking[] {
  if (after.day !== before.day) return acrossMidnight(before, after);
  return wasYesterdays(before, after) ? mended(before, after) : withinDay(before, after);
}

function withinDay(before: CounterState, after: CounterState): Booking[] {
  const ofToday = after.today - before.today;
  const rest = after.total - before.total - ofToday;
  return [booking(after.day, ofToday, rest)];
}

/** Today's part is what the daily counter shows; the rest was spent before midnight, or is a correction seen today. */
function acrossMidnight(before: CounterState, after: CounterState): Booking[] {
  const rest = after.total - before.total - after.today;
  if (rest <= 0n) return [booking(after.day, after.today, rest)];
  return [{ date: addDays(after.day, -1), spent: 0n, late: rest }, booking(after.day, after.today, 0n)];
}

/** The daily counter fell though nothing was given back: it was reset only after the last reading. */
function wasYesterdays(before: CounterState, after: CounterState): boolean {
  const growth = after.total - before.total;
  return isJustPastMidnight(before.at, before.day) && after.today < before.today && after.today <= growth;
}

/** Takes back what the last reading booked to the wrong side of midnight. */
function mended(before: CounterState, after: CounterState): Booking[] {
  const rest = after.total - before.total - after.today;
  return [
    { date: addDays(after.day, -1), spent: 0n, late: before.today + rest },
    { date: after.day, spent: after.today - before.today, late: 0n },
  ];
}

/** Spend is never negative: what the counter takes back is a correction, seen on that day. */
function booking(date: Day, ofDay: NanoUsd, rest: NanoUsd): Booking {
  return ofDay < 0n ? { date, spent: 0n, late: ofDay + rest } : { date, spent: ofDay, late: rest };
}
