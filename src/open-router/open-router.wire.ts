import { z } from 'zod';
import { parseUsd } from '../shared/money.js';
import { isDay } from '../shared/time/period.js';
import type { AccountKey, KeyFacts, ModelUsage } from './open-router.port.js';

// What OpenRouter writes, as far as this service reads it. Only what a reading makes no sense without is required;
// unknown fields and words are accepted, for new ones come without notice. Numbers arrive as texts (exact-json.ts).

/** More than this in either direction is no amount that anybody owes. */
const MOST_NANOS = 1_000_000_000_000_000_000n;
const MOST_WORDS = 100;
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');

const usd = z.string().transform((text, context) => {
  try {
    const nanos = parseUsd(text);
    if (nanos <= MOST_NANOS && nanos >= -MOST_NANOS) return nanos;
  } catch {
    // Refused below, as an amount that is too large is.
  }
  context.addIssue('is no amount');
  return z.NEVER;
});
const count = z
  .string()
  .regex(/^-?\d+(\.0*)?$/)
  .transform(Number)
  .refine(Number.isSafeInteger);
const usdOrNothing = usd.nullish().transform((nanos) => nanos ?? 0n);
const usdIfKnown = usd.nullish().transform((nanos) => nanos ?? null);
const countOrNothing = count.nullish().transform((value) => value ?? 0);
const countIfKnown = count.nullish().transform((value) => value ?? null);
/** A name that stands for something: taken as it is, or not at all. */
const identifier = (most: number) => z.string().regex(new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${most}}$`, 'u'));
/** Words for people: what no database and no page can show is left out. */
const wordsIfKnown = z
  .string()
  .nullish()
  .catch(null)
  .transform((text) => [...(text ?? '').replaceAll(/[\p{Cc}\p{Cs}]/gu, '')].slice(0, MOST_WORDS).join('') || null);
const instantIfKnown = z
  .string()
  .nullish()
  .catch(null)
  .transform((text) => {
    const instant = new Date(text ?? Number.NaN);
    return instant.getTime() >= 0 && instant.getTime() <= LAST_INSTANT ? instant : null;
  });
const resetIfKnown = z.enum(['daily', 'weekly', 'monthly']).nullish().catch(null);
const yes = z.boolean().nullish().catch(null);

const spending = {
  usage: usd,
  usage_daily: usdOrNothing,
  byok_usage: usdOrNothing,
  byok_usage_daily: usdOrNothing,
  limit: usdIfKnown,
  limit_remaining: usdIfKnown,
  limit_reset: resetIfKnown,
  expires_at: instantIfKnown,
};

const budget = z.looseObject({ remaining_usd: usdIfKnown }).nullish().catch(null);

/** `GET /key`. */
export const KeyReading = z
  .looseObject({
    data: z.looseObject({
      ...spending,
      label: wordsIfKnown,
      is_management_key: yes,
      is_provisioning_key: yes,
      effective_budget: budget,
    }),
  })
  .transform(({ data }): KeyFacts => ({
    ...figuresOf(data),
    label: data.label,
    isManagement: data.is_management_key ?? data.is_provisioning_key ?? false,
    limitRemaining: narrower(data.limit_remaining, data.effective_budget?.remaining_usd ?? null),
  }));

/** An item of `GET /keys`. */
export const AccountKeyReading = z
  .looseObject({
    ...spending,
    usage: usdOrNothing,
    hash: identifier(64),
    name: wordsIfKnown,
    label: wordsIfKnown,
    disabled: yes,
    workspace_id: identifier(64).nullish().catch(null),
    created_at: instantIfKnown,
    last_used_at: instantIfKnown,
  })
  .transform((item): AccountKey => ({
    ...figuresOf(item),
    hash: item.hash,
    name: item.name ?? item.label ?? '',
    label: item.label ?? '',
    isDisabled: item.disabled ?? false,
    workspaceId: item.workspace_id ?? null,
    createdAt: item.created_at,
    lastUsedAt: item.last_used_at,
  }));

function figuresOf(item: z.output<z.ZodObject<typeof spending>>) {
  return {
    usage: item.usage,
    usageToday: item.usage_daily,
    byokUsage: item.byok_usage,
    byokUsageToday: item.byok_usage_daily,
    limit: item.limit,
    limitRemaining: item.limit_remaining,
    limitReset: item.limit_reset ?? null,
    expiresAt: item.expires_at,
  };
}

function narrower(one: bigint | null, other: bigint | null): bigint | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

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

export const AnalyticsAnswer = z.looseObject({
  data: z.looseObject({
    data: z.array(z.unknown()),
    metadata: z.looseObject({ truncated: yes }).nullish().catch(null),
    warnings: z.array(z.unknown()).nullish().catch(null),
  }),
});

export const CreditsReading = z
  .looseObject({ data: z.looseObject({ total_credits: usd, total_usage: usd }) })
  .transform(({ data }) => ({ total: data.total_credits, used: data.total_usage }));

export const WorkspaceReading = z.looseObject({ id: identifier(64) });

export const ModelReading = z.looseObject({ id: identifier(200), canonical_slug: identifier(200) });

/** An answer that is a list; each row is read for itself, so that a bad one does not take the others with it. */
export const ListAnswer = z.looseObject({ data: z.array(z.unknown()) });

/** The sentence in OpenRouter's errors. */
export const ErrorAnswer = z
  .looseObject({ error: z.looseObject({ message: z.string() }) })
  .transform(({ error }) => error.message);

/** The rows that can be read, and how many cannot. */
export function readRows<T>(reading: z.ZodType<T>, rows: unknown[]): { rows: T[]; unreadable: number } {
  const read = rows.map((row) => reading.safeParse(row));
  const good = read.flatMap((row) => (row.success ? [row.data] : []));
  return { rows: good, unreadable: rows.length - good.length };
}

/** One figure for each day and model: what all endpoints of the model did together. */
export function sumByModel(rows: ModelUsage[]): ModelUsage[] {
  const sums = new Map<string, ModelUsage>();
  for (const row of rows) {
    const place = `${row.date} ${row.model}`;
    const sum = sums.get(place);
    sums.set(place, sum ? together(sum, row) : row);
  }
  return [...sums.values()];
}

function together(one: ModelUsage, other: ModelUsage): ModelUsage {
  return {
    ...one,
    requests: one.requests + other.requests,
    tokensInput: one.tokensInput + other.tokensInput,
    tokensOutput: one.tokensOutput + other.tokensOutput,
    tokensReasoning: sumIfKnown(one.tokensReasoning, other.tokensReasoning),
    tokensCached: sumIfKnown(one.tokensCached, other.tokensCached),
    cost: one.cost + other.cost,
    byokCost: one.byokCost + other.byokCost,
  };
}

function sumIfKnown(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : one + other;
}
