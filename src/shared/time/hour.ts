import { type Day, dayOf, type Period } from './period.js';

/** An hour in UTC, `YYYY-MM-DDTHH`. Hours compare and sort as text. */
export type Hour = string;

const HOUR_MS = 3_600_000;
const HOURS_OF_A_DAY = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

/** The UTC hour in which an instant lies. */
export function hourOf(instant: Date): Hour {
  return instant.toISOString().slice(0, 13);
}

/** The first moment of an hour. */
export function startOfHour(hour: Hour): Date {
  return new Date(`${hour}:00:00.000Z`);
}

/** The hour `hours` after (or, negative, before) another. */
export function addHours(hour: Hour, hours: number): Hour {
  return hourOf(new Date(startOfHour(hour).getTime() + hours * HOUR_MS));
}

/** The day of an hour. */
export function dayOfHour(hour: Hour): Day {
  return dayOf(startOfHour(hour));
}

/** 00:00 to 01:00 UTC of a day. */
export function firstHourOf(day: Day): Hour {
  return `${day}T00`;
}

/** 23:00 to 24:00 UTC of a day. */
export function lastHourOf(day: Day): Hour {
  return `${day}T23`;
}

/** Every hour of a period, oldest first. */
export function hoursOf(period: Period): Hour[] {
  return period.days().flatMap((day) => HOURS_OF_A_DAY.map((hour) => `${day}T${hour}`));
}

/** How many hours there are from one to another, both included. */
export function hoursBetween(first: Hour, last: Hour): number {
  return (startOfHour(last).getTime() - startOfHour(first).getTime()) / HOUR_MS + 1;
}
