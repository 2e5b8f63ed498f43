import type { NanoUsd } from '../../shared/money.js';
import { type Hour, hourOf } from '../../shared/time/hour.js';
import { addDays, type Day, startOf } from '../../shared/time/period.js';
import type { Growth } from './key-meter.entity.js';

/** Of growth over a longer time nobody can say in which hour it was. */
const LONGEST_SPAN_MS = 90 * 60_000;

/**
 * The hours to which the growth of a key's credits counter belongs: the hour in which the middle lies of the time between
 * the two readings, each side of midnight for itself. What came late, a correction included, has no hour, and neither has
 * anything that grew over more than an hour and a half.
 */
export function hoursOfGrowth({ since, until, usage }: Growth): { hour: Hour; cost: NanoUsd }[] {
  if (until.getTime() - since.getTime() > LONGEST_SPAN_MS) return [];
  const today = usage.at(-1)?.date;
  return usage
    .map(({ date, spent, late }) => ({
      hour: hourOf(middleOf(since, until, date)),
      // What was spent before midnight shows only as growth that is none of today's.
      cost: date === today ? spent : spent + late,
    }))
    .filter(({ cost }) => cost !== 0n);
}

/** Half-way through the part of a time that lies on that day; the day's end if none of it does. */
function middleOf(since: Date, until: Date, day: Day): Date {
  const end = Math.min(until.getTime(), startOf(addDays(day, 1)).getTime() - 1);
  const start = Math.min(Math.max(since.getTime(), startOf(day).getTime()), end);
  return new Date((start + end) / 2);
}
