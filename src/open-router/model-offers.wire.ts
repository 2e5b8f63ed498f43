import { z } from 'zod';
import { formatDecimal, parseDecimal } from '../shared/money.js';
import type { ModelRates, OfferedModel } from './offered-model.js';

// Prices come as decimal texts, often with more than nine decimals. They are kept exactly; numbers arrive as texts, too.

const DECIMALS = 18;
const ONE = 10n ** 18n;
/** A thousand dollars for one token or one request is no price that anybody asks. */
const DEAREST = 1_000n * ONE;
const LONGEST_NAME = 255;

const price = z.string().transform((text, context) => {
  try {
    const parts = parseDecimal(text, DECIMALS);
    // OpenRouter writes -1 where the price depends on the model that a router will choose.
    if (parts >= 0n && parts <= DEAREST) return parts;
  } catch {
    // Refused below.
  }
  context.addIssue('is no price');
  return z.NEVER;
});
const priceIfKnown = price.nullish().catch(null);
const tokens = z
  .string()
  .regex(/^\d{1,10}$/)
  .transform(Number)
  .nullish()
  .catch(null);
const name = z
  .string()
  .regex(/^[\x21-\x7e]+$/)
  .max(LONGEST_NAME);

const Extras = z.looseObject({
  request: priceIfKnown,
  input_cache_read: priceIfKnown,
  input_cache_write: priceIfKnown,
  internal_reasoning: priceIfKnown,
});
const Override = Extras.extend({
  prompt: priceIfKnown,
  completion: priceIfKnown,
  min_prompt_tokens: tokens,
  utc_start: z.unknown().optional(),
  utc_end: z.unknown().optional(),
});
const Pricing = Extras.extend({
  prompt: price,
  completion: price,
  discount: z.string().nullish().catch(null),
  overrides: z.array(Override).nullish().catch(null),
});
type Pricing = z.output<typeof Pricing>;

/** An item of `GET /models`. */
export const OfferedModelReading = z
  .looseObject({
    id: name,
    canonical_slug: name.nullish().catch(null),
    context_length: tokens,
    top_provider: z.looseObject({ max_completion_tokens: tokens }).nullish().catch(null),
    pricing: Pricing,
  })
  .transform((item): OfferedModel => ({
    id: item.id,
    slug: item.canonical_slug ?? null,
    contextLength: item.context_length ?? null,
    maxOutputTokens: item.top_provider?.max_completion_tokens ?? null,
    rates: [
      ratesOf(item.pricing, item.pricing),
      ...(item.pricing.overrides ?? []).map((one) => overrideOf(one, item.pricing)),
    ],
  }));

/** What an override does not name stays as it usually is. */
function ratesOf(rates: z.output<typeof Override> | Pricing, usual: Pricing): ModelRates {
  const paid = shareToPay(usual.discount);
  const asked = (field: keyof z.output<typeof Extras> | 'prompt' | 'completion') => {
    const listed = (rates[field] ?? usual[field] ?? null) as bigint | null;
    return listed === null ? null : formatDecimal((listed * paid) / ONE, DECIMALS);
  };
  return {
    fromPromptTokens: 0,
    isSometimes: false,
    prompt: asked('prompt')!,
    completion: asked('completion')!,
    request: asked('request'),
    cacheRead: asked('input_cache_read'),
    cacheWrite: asked('input_cache_write'),
    reasoning: asked('internal_reasoning'),
  };
}

/** A condition other than the length of the prompt is one that nobody can check here. */
function overrideOf(override: z.output<typeof Override>, usual: Pricing): ModelRates {
  const { min_prompt_tokens: fromPromptTokens, utc_start, utc_end } = override;
  const isSometimes = fromPromptTokens == null || (utc_start ?? utc_end ?? null) !== null;
  return { ...ratesOf(override, usual), fromPromptTokens: fromPromptTokens ?? 0, isSometimes };
}

/** `discount` 0.25 leaves three quarters to pay. */
function shareToPay(discount: string | null | undefined): bigint {
  try {
    const share = ONE - parseDecimal(discount ?? '0', DECIMALS);
    return share >= 0n && share <= ONE ? share : ONE;
  } catch {
    return ONE;
  }
}
