import { z } from 'zod';
import { isDay } from '../shared/time/period.js';
import type { ModelUsage } from './open-router.port.js';
import { countIfKnown, countOrNothing, hour, identifier, usd, usdOrNothing, wordsIfKnown, yes } from './wire-values.js';

/** A row of `GET /activity`: one day, one model, one endpoint. */
export const ActivityReading = z
  .looseObject({
    date: z
      .string()
      .transform((text) => text.slice(0, 10))
      .refine(isDay),
    model: identifier(200),
    usage: usd,
    byok_usage_inference: usdOrNothing,
    requests: countOrNothing,
    prompt_tokens: countOrNothing,
    completion_tokens: countOrNothing,
    reasoning_tokens: countIfKnown,
  })
  .transform((row): ModelUsage => ({
    date: row.date,
    model: row.model,
    requests: row.requests,
    tokensInput: row.prompt_tokens,
    tokensOutput: row.completion_tokens,
    tokensReasoning: row.reasoning_tokens,
    tokensCached: null,
    cost: row.usage,
    byokCost: row.byok_usage_inference,
  }));

/** The figures that `POST /analytics/query` is asked for. */
export const METRICS = [
  'request_count',
  'tokens_prompt',
  'tokens_completion',
  'reasoning_tokens',
  'cached_tokens',
  'credits_usage',
  'byok_usage',
];

/** A row of it, with its day if it tells one: under `date__day` or `created_at__day`, bare or as an instant. */
export const AnalyticsReading = z
  .looseObject({
    model: identifier(200),
    request_count: countOrNothing,
    tokens_prompt: countOrNothing,
    tokens_completion: countOrNothing,
    reasoning_tokens: countIfKnown,
    cached_tokens: countIfKnown,
    credits_usage: usdOrNothing,
    byok_usage: usdOrNothing,
  })
  .transform((row) => {
    const bucket = Object.entries(row).find(([name]) => name.endsWith('__day'))?.[1];
    return {
      date: typeof bucket === 'string' ? bucket.slice(0, 10) : null,
      model: row.model,
      requests: row.request_count,
      tokensInput: row.tokens_prompt,
      tokensOutput: row.tokens_completion,
      tokensReasoning: row.reasoning_tokens,
      tokensCached: row.cached_tokens,
      cost: row.credits_usage,
      byokCost: row.byok_usage,
    };
  });

/** The figures that it is asked for by the hour. */
export const HOUR_METRICS = ['request_count', 'tokens_prompt', 'tokens_completion', 'credits_usage'];

/** Whose row it is, of one that can perhaps not be read otherwise. */
export const KeyNameReading = z.looseObject({ api_key_id: wordsIfKnown }).transform((row) => row.api_key_id);

const figuresOfHour = z.looseObject({
  api_key_id: wordsIfKnown,
  model: identifier(200),
  request_count: countOrNothing,
  tokens_prompt: countOrNothing,
  tokens_completion: countOrNothing,
  credits_usage: usdOrNothing,
});

/** A row by the hour, which stands under `date__hour` or `created_at__hour`; `key` is the name of the key. */
export const HourReading = z
  .looseObject({})
  .transform((row) => ({ ...row, hour: Object.entries(row).find(([name]) => name.endsWith('__hour'))?.[1] }))
  .pipe(figuresOfHour.extend({ hour }))
  .transform((row) => ({
    key: row.api_key_id ?? '',
    usage: {
      hour: row.hour,
      model: row.model,
      requests: row.request_count,
      tokensInput: row.tokens_prompt,
      tokensOutput: row.tokens_completion,
      cost: row.credits_usage,
    },
  }));

export const AnalyticsAnswer = z.looseObject({
  data: z.looseObject({
    data: z.array(z.unknown()),
    metadata: z.looseObject({ truncated: yes }).nullish().catch(null),
    warnings: z.array(z.unknown()).nullish().catch(null),
  }),
});
