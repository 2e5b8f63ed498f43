import { addDays, dayOf } from '../../shared/time/period.js';
import { HOURS_KEPT_DAYS } from '../../usage/books/bookkeeping.js';
import { type Fields, textOf } from '../forms/fields.js';
import type { Side } from '../../usage/reading/usage.reports.js';
import type { Range } from '../parts/range.js';

/** What a bar of the chart stands for: an hour, or a day (a week where days would be too many). */
export type Grain = 'hour' | 'day';

/** Above this a bar for each hour would be a hair. */
const MOST_DAYS_BY_HOUR = 7;
/** So few days say more by the hour. */
const DAYS_BY_HOUR_UNASKED = 2;

export function grainOf(fields: Fields, range: Range, now: Date): Grain {
  if (range.period.length > MOST_DAYS_BY_HOUR) return 'day';
  const wish = textOf(fields, 'per');
  return wish === 'hour' || wish === 'day' ? wish : usualGrain(range, now);
}

/** The address of the dashboard by hour or day. Of a range that is too long for hours, its last days. */
export function addressOf(range: Range, by: Side, grain: Grain, now: Date): string {
  const shown = grain === 'hour' ? shortened(range) : range;
  const isUsual = shown === range && grain === usualGrain(range, now);
  return `/dashboard?${new URLSearchParams({ ...shown.query, by, ...(isUsual ? {} : { per: grain }) })}`;
}

function usualGrain({ period, days }: Range, now: Date): Grain {
  const isKept = period.end >= addDays(dayOf(now), -HOURS_KEPT_DAYS);
  return days === null && period.length <= DAYS_BY_HOUR_UNASKED && isKept ? 'hour' : 'day';
}

function shortened(range: Range): Pick<Range, 'query'> {
  const { period, days } = range;
  if (period.length <= MOST_DAYS_BY_HOUR) return range;
  if (days !== null) return { query: { days: String(MOST_DAYS_BY_HOUR) } };
  return { query: { start_date: addDays(period.end, 1 - MOST_DAYS_BY_HOUR), end_date: period.end } };
}
