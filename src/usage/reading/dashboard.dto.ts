import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsWholeNumber } from '../../shared/http/fields/whole-number.field.js';
import { type NanoUsd, shareOf, Usd, usdOrNull } from '../../shared/money.js';
import { MAX_PERIOD_DAYS, type Period } from '../../shared/time/period.js';
import type { Breakdown, KeyTotals, ModelTotals, Totals } from './usage.reports.js';

/** How far back you want to look. */
export class DashboardQuery {
  /** How many days, today (UTC) included. @example 30 */
  @IsOptional()
  @IsWholeNumber(1, MAX_PERIOD_DAYS)
  days: number = 30;
}

/** Which days the figures are about. */
export class DashboardPeriod {
  /** The first day (UTC). @example "2026-05-17" */
  start_date!: string;

  /** The last day (UTC): today. @example "2026-06-15" */
  end_date!: string;

  /** How many days that is, both ends included. @example 30 */
  days!: number;
}

/** All of it together. */
export class DashboardSummary {
  /** Requests made. @example 3600 */
  total_requests!: number;

  /** What OpenRouter charged, in USD. */
  @ApiProperty({ type: Number, format: 'decimal', example: 12.480019 })
  total_cost!: Usd;

  /** Tokens sent to models. @example 1440000 */
  total_tokens_input!: number;

  /** Tokens that models wrote, reasoning included. @example 288000 */
  total_tokens_output!: number;

  static of(totals: Totals): DashboardSummary {
    return {
      total_requests: totals.requests,
      total_cost: new Usd(totals.cost),
      total_tokens_input: totals.tokensInput,
      total_tokens_output: totals.tokensOutput,
    };
  }
}

/** One day. */
export class DashboardDay {
  /** The day (UTC). @example "2026-06-15" */
  date!: string;

  /** Requests made. @example 120 */
  requests!: number;

  /** What OpenRouter charged, in USD. */
  @ApiProperty({ type: Number, format: 'decimal', example: 0.416 })
  cost!: Usd;

  /** Tokens sent to models. @example 48000 */
  tokens_input!: number;

  /** Tokens that models wrote, reasoning included. @example 9600 */
  tokens_output!: number;

  /** Every day of the period, oldest first; of a day without usage all figures are zero. */
  static all(period: Period, { byDay }: Breakdown): DashboardDay[] {
    const used = new Map(byDay.map((day) => [day.date, day]));
    return period.days().map((date) => {
      const day = used.get(date);
      return {
        date,
        requests: day?.requests ?? 0,
        cost: new Usd(day?.cost ?? 0n),
        tokens_input: day?.tokensInput ?? 0,
        tokens_output: day?.tokensOutput ?? 0,
      };
    });
  }
}

/** One model. */
export class DashboardModel {
  /** The model, or `unattributed` for spend of which OpenRouter does not tell the model. @example "openai/gpt-5-mini" */
  model!: string;

  /** Requests made. @example 1800 */
  requests!: number;

  /** What OpenRouter charged, in USD. */
  @ApiProperty({ type: Number, format: 'decimal', example: 9.360014 })
  cost!: Usd;

  /** Tokens sent to the model. @example 720000 */
  tokens_input!: number;

  /** Tokens that the model wrote, reasoning included. @example 144000 */
  tokens_output!: number;

  /** Its part of the whole cost: 0 to 1, six decimals; 0 where nothing was spent in all. @example 0.75 */
  @ApiProperty({ format: 'decimal' })
  share!: number;

  static of(totals: ModelTotals, whole: Totals): DashboardModel {
    return {
      model: totals.model,
      requests: totals.requests,
      cost: new Usd(totals.cost),
      tokens_input: totals.tokensInput,
      tokens_output: totals.tokensOutput,
      share: shareOf(totals.cost, whole.cost),
    };
  }
}

/** One key. */
export class DashboardKey {
  /** The number of the key. @example 3 */
  id!: number;

  /** The name you gave to it. @example "production" */
  name!: string;

  /** Requests made. @example 3600 */
  requests!: number;

  /** What OpenRouter charged, in USD. */
  @ApiProperty({ type: Number, format: 'decimal', example: 12.480019 })
  cost!: Usd;

  /** Its part of the whole cost: 0 to 1, six decimals; 0 where nothing was spent in all. @example 1 */
  @ApiProperty({ format: 'decimal' })
  share!: number;

  /** Where `requests`, `cost` and `share` come from: always OpenRouter's books. @example "openrouter" */
  @ApiProperty({ enum: ['openrouter'] })
  source!: 'openrouter';

  /**
   * What the gateway metered of its own calls with this key, in USD; null where it made none. OpenRouter's books hold
   * those calls, too: it is part of no sum here.
   */
  @ApiProperty({ type: Number, format: 'decimal', nullable: true, example: 9.120004 })
  metered_cost!: Usd | null;

  static of(totals: KeyTotals, whole: Totals, metered: NanoUsd | undefined): DashboardKey {
    return {
      id: totals.id,
      name: totals.name,
      requests: totals.requests,
      cost: new Usd(totals.cost),
      share: shareOf(totals.cost, whole.cost),
      source: 'openrouter',
      metered_cost: usdOrNull(metered ?? null),
    };
  }
}

/** Your usage at a glance. Days, models and keys each add up to the summary, to the nano-dollar. */
export class Dashboard {
  /** Which days it is about. */
  period!: DashboardPeriod;

  /** All of it together. */
  summary!: DashboardSummary;

  /** Every day of the period, oldest first, zeros included. */
  by_date!: DashboardDay[];

  /** The models used, dearest first. */
  by_model!: DashboardModel[];

  /** The keys used, dearest first. */
  by_key!: DashboardKey[];

  static of(period: Period, breakdown: Breakdown, metered: ReadonlyMap<number, NanoUsd>): Dashboard {
    const { totals, byModel, byKey } = breakdown;
    return {
      period: { start_date: period.start, end_date: period.end, days: period.length },
      summary: DashboardSummary.of(totals),
      by_date: DashboardDay.all(period, breakdown),
      by_model: byModel.map((model) => DashboardModel.of(model, totals)),
      by_key: byKey.map((key) => DashboardKey.of(key, totals, metered.get(key.id))),
    };
  }
}
