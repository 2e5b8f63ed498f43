import { DomainError } from '../../shared/errors.js';
import { addDays, dayOf, type Day, isDay, Period } from '../../shared/time/period.js';
import { type Fields, textOf } from '../forms/fields.js';

/** Lengths of time that are one click away, in days. */
export const USUAL_DAYS = [7, 30, 90, 365] as const;
const DEFAULT_DAYS = 30;

/** Which days a page is about, as its address says. */
export interface Range {
  period: Period;
  /** One of the usual lengths; null for a range of its own. */
  days: number | null;
  /** What is wrong with the range in the address, which is then left aside. */
  problem: string | null;
  /** For links that keep the range: `days=30`, or both dates. */
  query: Record<string, string>;
}

export function rangeOf(fields: Fields, now: Date): Range {
  const [start, end] = [textOf(fields, 'start_date'), textOf(fields, 'end_date')];
  const days = Number(textOf(fields, 'days')) || DEFAULT_DAYS;
  const usual = usualRange(USUAL_DAYS.find((each) => each === days) ?? DEFAULT_DAYS, now);
  if (!start && !end) return usual;
  const from = start || (isDay(end) ? addDays(end, 1 - DEFAULT_DAYS) : '');
  const to = end || dayOf(now);
  if (!isDay(from) || !isDay(to)) return { ...usual, problem: 'These are no two days. Enter both as YYYY-MM-DD.' };
  try {
    const period = Period.between(from, to);
    return { period, days: null, problem: null, query: { start_date: from, end_date: to } };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const problem = to < from ? 'The last day lies before the first. Swap them.' : error.message;
    return { ...usual, problem };
  }
}

/** A day as people read it: `15 Jun 2026`. */
export function dayInWords(day: Day): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return `${date} ${MONTHS[month - 1]} ${year}`;
}

/** A period as people read it: `1 Jun 2026 – 15 Jun 2026`, or its only day. */
export function periodInWords({ start, end }: Period): string {
  return start === end ? dayInWords(start) : `${dayInWords(start)} – ${dayInWords(end)}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

function usualRange(days: number, now: Date): Range {
  return { period: Period.last(days, now), days, problem: null, query: { days: String(days) } };
}
