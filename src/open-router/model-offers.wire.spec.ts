import { describe, expect, it } from 'vitest';
import { parseExactJson } from './exact-json.js';
import { OfferedModelReading } from './model-offers.wire.js';

const read = (pricing: object, more: object = {}) =>
  OfferedModelReading.safeParse(parseExactJson(JSON.stringify({ id: 'a/b', pricing, ...more })));
const NOTHING_SPECIAL = { request: null, cacheRead: null, cacheWrite: null, reasoning: null };
const USUAL = {
  fromPromptTokens: 0,
  isSometimes: false,
  prompt: '0.000003',
  completion: '0.000015',
  ...NOTHING_SPECIAL,
};
const PRICES = { prompt: '0.000003', completion: '0.000015' };

describe('a model on the list', () => {
  it('keeps every digit of its prices', () => {
    const tiny = { ...PRICES, prompt: '0.0000000123456789', input_cache_read: '1.25e-9', internal_reasoning: '0' };
    expect(read(tiny).data!.rates).toEqual([
      { ...USUAL, prompt: '0.0000000123456789', cacheRead: '0.00000000125', reasoning: '0' },
    ]);
  });

  it('tells how long prompts and answers may be', () => {
    const facts = {
      canonical_slug: 'a/b-1',
      context_length: 1_047_576,
      top_provider: { max_completion_tokens: 32_768 },
    };
    expect(read(PRICES, facts).data).toMatchObject({
      slug: 'a/b-1',
      contextLength: 1_047_576,
      maxOutputTokens: 32_768,
    });
    const nothing = { canonical_slug: null, context_length: null, top_provider: { max_completion_tokens: null } };
    expect(read(PRICES, nothing).data).toMatchObject({ slug: null, contextLength: null, maxOutputTokens: null });
  });

  it('has its discount taken off, exactly', () => {
    expect(read({ ...PRICES, discount: 0.1 }).data!.rates).toEqual([
      { ...USUAL, prompt: '0.0000027', completion: '0.0000135' },
    ]);
    expect(read({ ...PRICES, discount: 7 }).data!.rates).toEqual([USUAL]);
  });

  it('has the prices that hold on conditions after the usual ones, complete', () => {
    const overrides = [
      { min_prompt_tokens: 200_000, prompt: '0.000006' },
      { utc_start: '16:30', utc_end: '00:30', completion: '0.000001' },
    ];
    expect(read({ ...PRICES, overrides }).data!.rates).toEqual([
      USUAL,
      { ...USUAL, fromPromptTokens: 200_000, prompt: '0.000006' },
      { ...USUAL, isSometimes: true, completion: '0.000001' },
    ]);
  });

  it.each([{ prompt: '-1', completion: '-1' }, { prompt: 'much', completion: '0' }, { prompt: '0' }, {}])(
    'is left out where its price depends on something else or cannot be read: %j',
    (pricing) => expect(read(pricing).success).toBe(false),
  );
});
