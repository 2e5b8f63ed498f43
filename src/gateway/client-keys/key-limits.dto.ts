import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { Unprocessable } from '../../shared/errors.js';
import { parseUsd, Usd, usdOrNull } from '../../shared/money.js';
import type { BudgetPeriod, KeyLimits } from './client-key.entity.js';

const MOST = 2_000_000_000;
const MOST_USD = 1_000_000_000;
const PERIODS = ['day', 'week', 'month'] as const;

/** What a client key may use; what is left out or null is not limited. */
export class NewKeyLimits {
  /** Requests a minute. @example 60 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST)
  rpm?: number | null;

  /** Tokens a minute, in and out. @example 100000 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST)
  tpm?: number | null;

  /** Requests at the same time. @example 5 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST)
  max_parallel?: number | null;

  /** The models it may ask for; `*` stands for anything. @example ["openai/*"] */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @Matches(/^[\x21-\x7e]{1,255}$/, { each: true, message: 'models must be names or patterns without spaces.' })
  models?: string[] | null;

  /** What it may spend in each period, in USD. @example 25.5 */
  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0.000001)
  @Max(MOST_USD)
  @ApiProperty({ format: 'decimal' })
  budget_usd?: number | null;

  /** The period of the budget in UTC; a month, if not given. @example "month" */
  @IsOptional()
  @IsIn(PERIODS)
  @ApiProperty({ enum: [...PERIODS, null], type: String, nullable: true })
  budget_period?: BudgetPeriod | null;

  static limitsOf(body: NewKeyLimits): KeyLimits {
    const { rpm = null, tpm = null, max_parallel: maxParallel = null, models = null, budget_usd = null } = body;
    if (budget_usd === null && body.budget_period) {
      throw new Unprocessable({ field: 'limits.budget_usd', message: 'budget_period needs a budget_usd.' });
    }
    const budget = budget_usd === null ? null : parseUsd(budget_usd);
    return {
      rpm,
      tpm,
      maxParallel,
      models,
      budget,
      budgetPeriod: budget === null ? null : (body.budget_period ?? 'month'),
    };
  }
}

/** What a client key may use; null is no limit. */
export class ListedKeyLimits {
  /** Requests a minute. @example 60 */
  @ApiProperty({ type: 'integer', nullable: true })
  rpm!: number | null;

  /** Tokens a minute, in and out. @example 100000 */
  @ApiProperty({ type: 'integer', nullable: true })
  tpm!: number | null;

  /** Requests at the same time. @example 5 */
  @ApiProperty({ type: 'integer', nullable: true })
  max_parallel!: number | null;

  /** The models it may ask for; `*` stands for anything. @example ["openai/*"] */
  models!: string[] | null;

  /** What it may spend in each period, in USD. */
  @ApiProperty({ type: Number, format: 'decimal', nullable: true, example: 25.5 })
  budget_usd!: Usd | null;

  /** The period of the budget, in UTC. @example "month" */
  @ApiProperty({ enum: [...PERIODS, null], type: String, nullable: true })
  budget_period!: BudgetPeriod | null;

  static of({ rpm, tpm, maxParallel, models, budget, budgetPeriod }: KeyLimits): ListedKeyLimits {
    const budget_usd = usdOrNull(budget);
    return { rpm, tpm, max_parallel: maxParallel, models, budget_usd, budget_period: budgetPeriod };
  }
}
