import { addHours, type Hour } from '../../shared/time/hour.js';
import { addDays, type Day } from '../../shared/time/period.js';

/** How many completed days OpenRouter promises to tell. */
const HISTORY_DAYS = 30;
/** How many of them are read again each time: they may still be corrected. */
const UNSETTLED_DAYS = 3;
/** How many hours are read at first. */
const HOURLY_HISTORY = 7 * 24;
/** How many are read again each time: requests arrive late in them, and amounts are corrected. */
const UNSETTLED_HOURS = 24;

/**
 * The completed days of a key whose activity is to be booked, oldest first: at first all that there are, those included
 * that OpenRouter told (`told`) beyond what it promises; later those that could still change when they were read last,
 * and everything since. `readThrough` is the last day that was read.
 */
export function completedDaysToRead(yesterday: Day, readThrough: Day | null, told: readonly Day[] = []): Day[] {
  const all = Array.from({ length: HISTORY_DAYS }, (_, index) => addDays(yesterday, index + 1 - HISTORY_DAYS));
  if (readThrough === null) return [...new Set([...told.filter((day) => day < all[0]!), ...all])].toSorted();
  const unsettled = addDays(readThrough < yesterday ? readThrough : yesterday, 1 - UNSETTLED_DAYS);
  return all.filter((day) => day >= unsettled);
}

/** The first hour of a key that is to be read up to `now`; `readThrough` is the last one that was read before. */
export function hoursToRead(now: Hour, readThrough: Hour | null): Hour {
  const first = addHours(now, 1 - HOURLY_HISTORY);
  const unsettled = readThrough === null ? first : addHours(readThrough, 1 - UNSETTLED_HOURS);
  return unsettled < first ? first : unsettled;
}
