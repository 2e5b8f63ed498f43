import type { NanoUsd } from '../../shared/money.js';
import { dayOfHour } from '../../shared/time/hour.js';
import type { Hours } from '../../usage/reading/hours.reports.js';

/** How the hours of a period compare with its days, which are the truth. */
export interface KnownHours {
  /** What the hours come to. */
  hours: NanoUsd;
  /** What the days come to. */
  days: NanoUsd;
  /** What days come to beyond their hours: nobody knows in which hour it was. */
  missing: NanoUsd;
  /** What hours come to beyond their days, as after a correction, which has no hour. */
  excess: NanoUsd;
}

/** Day by day, so that what one day lacks does not hide what another has too much. */
export function knownHours({ byHour, byDay }: Hours): KnownHours {
  const sums = new Map<string, NanoUsd>();
  for (const { hour, cost } of byHour) sums.set(dayOfHour(hour), (sums.get(dayOfHour(hour)) ?? 0n) + cost);
  const known: KnownHours = { hours: 0n, days: 0n, missing: 0n, excess: 0n };
  for (const { date, cost } of byDay) {
    const hours = sums.get(date) ?? 0n;
    known.hours += hours;
    known.days += cost;
    if (cost > hours) known.missing += cost - hours;
    else known.excess += hours - cost;
  }
  return known;
}
