import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsDay } from '../shared/http/fields/day.field.js';
import { Usd } from '../shared/money.js';
import { addDays, type Day, dayOf, Period } from '../shared/time/period.js';
import type { Totals } from '../usage/reading/usage.reports.js';

const USUAL_DAYS = 30;

/** Which days to sum up. */
export class StatsQuery {
  /** The first day, in UTC; if not given, 29 days before the last. @example "2026-05-17" */
  @IsOptional()
  @IsDay()
  start_date?: Day;

  /** The last day, in UTC, included; if not given, today. At most 365 days in all. @example "2026-06-15" */
  @IsOptional()
  @IsDay()
  end_date?: Day;

  static periodOf({ start_date, end_date }: StatsQuery, now: Date): Period {
    const end = end_date ?? dayOf(now);
    return Period.between(start_date ?? addDays(end, 1 - USUAL_DAYS), end);
  }
}

/** The sums of a period. */
export class StatsSummary {
  /** How many requests were made. @example 1520 */
  total_requests!: number;

  /** What OpenRouter charged, in USD. */
  @ApiProperty({ type: Number, format: 'decimal', example: 12.345678901 })
  total_cost!: Usd;

  /** Tokens that were sent. @example 250000 */
  total_tokens_input!: number;

  /** Tokens that came back, reasoning included. @example 90000 */
  total_tokens_output!: number;
}

/** The days that were summed up. */
export class StatsPeriod {
  /** The first day, in UTC. @example "2026-05-17" */
  start_date!: string;

  /** The last day, in UTC, included. @example "2026-06-15" */
  end_date!: string;

  /** How many days that are. @example 30 */
  days!: number;
}

/** What the owner of the token used within a period. */
export class Stats {
  summary!: StatsSummary;

  period!: StatsPeriod;

  static of({ start, end, length }: Period, totals: Totals): Stats {
    return {
      summary: {
        total_requests: totals.requests,
        total_cost: new Usd(totals.cost),
        total_tokens_input: totals.tokensInput,
        total_tokens_output: totals.tokensOutput,
      },
      period: { start_date: start, end_date: end, days: length },
    };
  }
}
