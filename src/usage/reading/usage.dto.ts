import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { PeriodQuery } from '../../shared/http/fields/period.query.dto.js';
import { IsText } from '../../shared/http/fields/text.field.js';
import { IsWholeNumber, LARGEST_ID } from '../../shared/http/fields/whole-number.field.js';
import { Usd } from '../../shared/money.js';
import type { UsageRow } from './usage.reports.js';

/** Which of your usage you want to see. */
export class UsageQuery extends PeriodQuery {
  /** Only what went through this key. @example 3 */
  @IsOptional()
  @IsWholeNumber(1, LARGEST_ID)
  api_key_id?: number;

  /** Only what was used of this model; the whole name, as it is listed. @example "openai/gpt-5-mini" */
  @IsOptional()
  @IsText(200)
  model?: string;
}

/** Which part of a long list you want to see. */
export class UsagePageQuery extends UsageQuery {
  /** How many rows to leave out at the beginning. @example 0 */
  @IsOptional()
  @IsWholeNumber(0, LARGEST_ID)
  skip: number = 0;

  /** How many rows to list at most. @example 100 */
  @IsOptional()
  @IsWholeNumber(1, 1000)
  limit: number = 100;
}

/** What one key used of one model on one day (UTC). */
export class UsageEntry {
  /** The number of the row. @example 4711 */
  id!: number;

  /** The number of the key. @example 3 */
  api_key_id!: number;

  /** The name you gave to the key. @example "production" */
  api_key_name!: string;

  /** The day (UTC). @example "2026-06-15" */
  date!: string;

  /** The model, or `unattributed` for spend of which OpenRouter does not tell the model. @example "openai/gpt-5-mini" */
  model!: string;

  /** How many requests were made. @example 120 */
  requests_count!: number;

  /** Tokens sent to the model. @example 48000 */
  tokens_input!: number;

  /** Tokens that the model wrote, reasoning included. @example 9600 */
  tokens_output!: number;

  /** What OpenRouter charged, in USD. */
  @ApiProperty({ type: Number, format: 'decimal', example: 0.0312 })
  cost!: Usd;

  static of(row: UsageRow): UsageEntry {
    return {
      id: row.id,
      api_key_id: row.apiKeyId,
      api_key_name: row.apiKeyName,
      date: row.date,
      model: row.model,
      requests_count: row.requests,
      tokens_input: row.tokensInput,
      tokens_output: row.tokensOutput,
      cost: new Usd(row.cost),
    };
  }
}
