import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsText } from '../../shared/http/fields/text.field.js';
import { IsWholeNumber, LARGEST_ID } from '../../shared/http/fields/whole-number.field.js';
import { Usd, usdOrNull } from '../../shared/money.js';
import type { LoggedCall, Settlement } from './logged-call.entity.js';
import type { LogFilter } from './request-log.repository.js';
import { IsInstant } from '../../shared/http/fields/instant.field.js';

const LARGEST_PAGE = 1_000_000;
const LARGEST_STATUS = 999;
const SETTLEMENTS = ['settled', 'estimated', 'unknown'] as const;

/** Which requests to show. */
export class LogQuery {
  /** Counted from 1. @example 1 */
  @IsOptional()
  @IsWholeNumber(1, LARGEST_PAGE)
  page: number = 1;

  /** How many requests a page has. @example 20 */
  @IsOptional()
  @IsWholeNumber(1, 100)
  page_size: number = 20;

  /** Those of one client key. @example 7 */
  @IsOptional()
  @IsWholeNumber(1, LARGEST_ID)
  api_key_id?: number;

  /** Those to one upstream. @example 1 */
  @IsOptional()
  @IsWholeNumber(1, LARGEST_ID)
  upstream_id?: number;

  /** Those that were answered so; 0 where the client left before. @example 200 */
  @IsOptional()
  @IsWholeNumber(0, LARGEST_STATUS)
  status_code?: number;

  /** Those for one model. @example "openai/gpt-4.1-mini" */
  @IsOptional()
  @IsText(255)
  model?: string;

  /** Those that began then or later. @example "2026-06-15T00:00:00Z" */
  @IsOptional()
  @IsInstant()
  start_time?: string;

  /** Those that began then or earlier. @example "2026-06-16T00:00:00Z" */
  @IsOptional()
  @IsInstant()
  end_time?: string;

  static filterOf({ api_key_id, upstream_id, status_code, model, start_time, end_time }: LogQuery): LogFilter {
    return {
      clientKeyId: api_key_id ?? null,
      upstreamId: upstream_id ?? null,
      statusCode: status_code ?? null,
      model: model ?? null,
      from: start_time ? new Date(start_time) : null,
      to: end_time ? new Date(end_time) : null,
    };
  }
}

/** One request to the gateway; never what was in it. */
export class ListedCall {
  /** Its number. @example 1042 */
  id!: number;

  /** The client key it came with; null if it had none that works. @example 7 */
  @ApiProperty({ type: 'integer', nullable: true })
  api_key_id!: number | null;

  /** The upstream it went to; null if it went nowhere. @example 1 */
  @ApiProperty({ type: 'integer', nullable: true })
  upstream_id!: number | null;

  /** How it was asked. @example "POST" */
  method!: string;

  /** Below the proxy's prefix, without its query. @example "/v1/chat/completions" */
  path!: string;

  /** The model that was asked for. @example "openai/gpt-4.1-mini" */
  model!: string | null;

  /** The whole input, cached parts included; null if nobody said. @example 1200 */
  @ApiProperty({ type: 'integer', nullable: true })
  prompt_tokens!: number | null;

  /** The whole output, reasoning included. @example 250 */
  @ApiProperty({ type: 'integer', nullable: true })
  completion_tokens!: number | null;

  /** Both together. @example 1450 */
  @ApiProperty({ type: 'integer', nullable: true })
  total_tokens!: number | null;

  /** The part of the input that was read from a cache. @example 1000 */
  @ApiProperty({ type: 'integer', nullable: true })
  cached_tokens!: number | null;

  /** The part of the output that was reasoning. @example 64 */
  @ApiProperty({ type: 'integer', nullable: true })
  reasoning_tokens!: number | null;

  /** What it cost, in USD; null while nobody has said. */
  @ApiProperty({ type: Number, format: 'decimal', nullable: true, example: 0.00042 })
  cost!: Usd | null;

  /** Whether the provider said what it cost, it was estimated, or is not known. @example "settled" */
  @ApiProperty({ enum: SETTLEMENTS })
  settlement!: Settlement;

  /** By which the provider knows it. @example "gen-1718000000-abc" */
  generation_id!: string | null;

  /** What the client was answered; 0 if it left before. @example 200 */
  status_code!: number;

  /** From its first byte to the end of the answer, in milliseconds. @example 840 */
  duration_ms!: number;

  /** Until the first byte of the answer's body, in milliseconds. @example 210 */
  @ApiProperty({ type: 'integer', nullable: true })
  ttft_ms!: number | null;

  /** Whether the answer was a stream, or should have been. @example true */
  is_stream!: boolean;

  /** What went wrong, in a stable word; null if nothing did. @example "bad_gateway" */
  error_message!: string | null;

  /** When it came. @example "2026-06-15T12:00:00.000Z" */
  created_at!: string;

  static of(call: LoggedCall): ListedCall {
    return {
      id: call.id,
      api_key_id: call.clientKeyId,
      upstream_id: call.upstreamId,
      method: call.method,
      path: call.path,
      model: call.model,
      prompt_tokens: call.promptTokens,
      completion_tokens: call.completionTokens,
      total_tokens: call.totalTokens,
      cached_tokens: call.cachedTokens,
      reasoning_tokens: call.reasoningTokens,
      cost: usdOrNull(call.cost),
      settlement: call.settlement,
      generation_id: call.generationId,
      status_code: call.statusCode,
      duration_ms: call.durationMs,
      ttft_ms: call.ttftMs,
      is_stream: call.isStream,
      error_message: call.errorMessage,
      created_at: call.createdAt.toISOString(),
    };
  }
}

/** A page of the log. */
export class LogPage {
  /** Newest first. */
  items!: ListedCall[];

  /** How many requests match. @example 1 */
  total!: number;

  /** This page, counted from 1. @example 1 */
  page!: number;

  /** How many requests a page has. @example 20 */
  page_size!: number;

  /** How many pages there are. @example 1 */
  total_pages!: number;

  static of(found: { items: LoggedCall[]; total: number }, { page, page_size }: LogQuery): LogPage {
    const items = found.items.map(ListedCall.of);
    return { items, total: found.total, page, page_size, total_pages: Math.ceil(found.total / page_size) };
  }
}
