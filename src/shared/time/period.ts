import { Unprocessable } from '../errors.js';

/** A calendar day in UTC, `YYYY-MM-DD`. Days compare and sort as text. */
export type Day = string;

/** A calendar month in UTC, `YYYY-MM`. */
export type Month = string;

export const MAX_PERIOD_DAYS = 365;
const DAY_MS = 86_400_000;

/** The UTC day in which an instant lies. */
export function dayOf(instant: Date): Day {
  return instant.toISOString().slice(0, 10);
}

/** 00:00 UTC of a day. */
export function startOf(day: Day): Date {
  return new Date(`${day}T00:00:00.000Z`);
}

/** An instant for people, to the minute: `2026-06-20 12:00 UTC`. */
export function minuteOf(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** The day `days` after (or, negative, before) another. */
export function addDays(day: Day, days: number): Day {
  return dayOf(new Date(startOf(day).getTime() + days * DAY_MS));
}

/** The month of a day. */
export function monthOf(day: Day): Month {
  return day.slice(0, 7);
}

/** Whether the text is a day that exists: `2026-02-30` does not, and neither do days before the year 1000. */
export function isDay(text: string): boolean {
  if (!/^[1-9]\d{3}-\d{2}-\d{2}$/.test(text)) return false;
  const instant = startOf(text);
  return !Number.isNaN(instant.getTime()) && dayOf(instant) === text;
}

/** A run of whole UTC days, both ends included. */
export class Period {
  /** How many days it has. */
  readonly length: number;

  private constructor(
    readonly start: Day,
    readonly end: Day,
  ) {
    this.length = (startOf(end).getTime() - startOf(start).getTime()) / DAY_MS + 1;
  }

  /** Refuses an end before the start and more than 365 days. */
  static between(start: Day, end: Day): Period {
    if (end < start) throw new Unprocessable({ field: 'end_date', message: 'end_date must not be before start_date.' });
    const period = new Period(start, end);
    if (period.length > MAX_PERIOD_DAYS) {
      throw new Unprocessable({ field: 'end_date', message: `A range may have at most ${MAX_PERIOD_DAYS} days.` });
    }
    return period;
  }

  /** The last `days` days, today included. */
  static last(days: number, now: Date): Period {
    const today = dayOf(now);
    return Period.between(addDays(today, 1 - days), today);
  }

  /** Every day in it, oldest first. */
  days(): Day[] {
    return Array.from({ length: this.length }, (_, index) => addDays(this.start, index));
  }

  /** The period of the same length that ends the day before this one. */
  before(): Period {
    return new Period(addDays(this.start, -this.length), addDays(this.start, -1));
  }
}
