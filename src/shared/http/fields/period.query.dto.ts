import { Period } from '../../time/period.js';
import { IsDay } from './day.field.js';

/** Which days are asked for. */
export class PeriodQuery {
  /** The first day (UTC). @example "2026-06-01" */
  @IsDay()
  start_date!: string;

  /** The last day (UTC), itself included; at most 365 days in all. @example "2026-06-30" */
  @IsDay()
  end_date!: string;
}

/** Refuses an end before the start and more than 365 days. */
export function periodOf({ start_date, end_date }: PeriodQuery): Period {
  return Period.between(start_date, end_date);
}
