import type { NanoUsd } from '../../shared/money.js';
import type { Hour } from '../../shared/time/hour.js';
import type { Period } from '../../shared/time/period.js';
import type { DayTotals, Totals } from './usage.reports.js';

export interface HourTotals extends Totals {
  hour: Hour;
}

/** What was spent in one hour for one model, or through one key. */
export interface HourPart {
  hour: Hour;
  /** The name of the model, or the id of the key as text. */
  of: string;
  cost: NanoUsd;
}

/** What parts are of, and what it is called. */
export interface PartName {
  of: string;
  name: string;
}

/** A period hour by hour, as far as hours are known, beside what its days come to. All of it is of one moment. */
export interface Hours {
  /** Every hour of the period, oldest first; an hour of which nothing is known comes to nothing. */
  byHour: HourTotals[];
  /** In no particular order; an hour's parts sum up to the hour. */
  parts: HourPart[];
  /** What the parts are of, dearest first, then by name. */
  names: PartName[];
  /** Every day of the period, oldest first. Its hours may come to less, and after a correction to more. */
  byDay: DayTotals[];
}

/** One user's usage by the hour. Every sum is exact. */
export abstract class HoursReports {
  abstract of(userId: number, period: Period, by: 'model' | 'key'): Promise<Hours>;
}
