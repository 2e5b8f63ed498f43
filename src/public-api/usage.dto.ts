import { ApiProperty } from '@nestjs/swagger';
import { IsDay } from '../shared/http/fields/day.field.js';
import { IsWholeNumber } from '../shared/http/fields/whole-number.field.js';
import { Usd } from '../shared/money.js';
import { type Day, Period } from '../shared/time/period.js';
import type { DayAndModelTotals } from '../usage/reading/usage.reports.js';

/** Which days, and which page of them. */
export class UsageLinesQuery {
  /** The first day, in UTC. @example "2026-06-01" */
  @IsDay()
  start_date!: Day;

  /** The last day, in UTC, included. At most 365 days in all. @example "2026-06-15" */
  @IsDay()
  end_date!: Day;

  /** Which page; the first is 1. @example 1 */
  @IsWholeNumber(1, 1_000_000)
  page: number = 1;

  /** How many entries a page has. @example 100 */
  @IsWholeNumber(1, 1000)
  limit: number = 100;

  static periodOf({ start_date, end_date }: UsageLinesQuery): Period {
    return Period.between(start_date, end_date);
  }
}

/** What was used of one model on one day, over all keys. */
export class UsageLine {
  /** The day, in UTC. @example "2026-06-15" */
  date!: string;

  /** The model, as OpenRouter names it. @example "openai/gpt-5.2" */
  model!: string;

  /** How many requests were made. @example 120 */
  requests_count!: number;

  /** Tokens that were sent. @example 25000 */
  tokens_input!: number;

  /** Tokens that came back, reasoning included. @example 9000 */
  tokens_output!: number;

  /** What OpenRouter charged, in USD. */
  @ApiProperty({ type: Number, format: 'decimal', example: 1.25 })
  cost!: Usd;

  static of({ date, model, requests, tokensInput, tokensOutput, cost }: DayAndModelTotals): UsageLine {
    return {
      date,
      model,
      requests_count: requests,
      tokens_input: tokensInput,
      tokens_output: tokensOutput,
      cost: new Usd(cost),
    };
  }
}

/** Where in the whole list a page lies. */
export class Pagination {
  /** Which page this is; the first is 1. @example 1 */
  page!: number;

  /** How many entries a page has. @example 100 */
  limit!: number;

  /** How many entries there are on all pages. @example 342 */
  total!: number;

  /** How many pages there are. @example 4 */
  pages!: number;
}

/** A page of usage by day and model, newest day first, then by model. A page past the last one is empty. */
export class UsageLines {
  items!: UsageLine[];

  pagination!: Pagination;

  static of(entries: DayAndModelTotals[], total: number, { page, limit }: UsageLinesQuery): UsageLines {
    const pagination = { page, limit, total, pages: Math.ceil(total / limit) };
    return { items: entries.map((entry) => UsageLine.of(entry)), pagination };
  }
}
