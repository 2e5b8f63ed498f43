import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelRates } from '../../open-router/offered-model.js';
import { formatDecimal } from '../../shared/money.js';
import { ModelPrice, type UsedTokens } from './model-price.entity.js';

const rates = (more: Partial<ModelRates> = {}): ModelRates => ({
  fromPromptTokens: 0,
  isSometimes: false,
  prompt: '0.000003',
  completion: '0.000015',
  request: null,
  cacheRead: null,
  cacheWrite: null,
  reasoning: null,
  ...more,
});
const price = (...listed: ModelRates[]) => new ModelPrice('a/b', null, null, null, listed);
const used = (more: Partial<UsedTokens> = {}): UsedTokens => ({
  promptTokens: 1_000,
  cachedTokens: null,
  cacheWriteTokens: null,
  completionTokens: 100,
  reasoningTokens: null,
  ...more,
});

describe('what a call costs by the list', () => {
  it('is exact where a single token costs less than a nano-dollar', () => {
    const cheap = price(rates({ prompt: '0.0000000000625', completion: '0.00000000015' }));
    // 0.0625 and 0.15 nano-dollars a token.
    expect(cheap.costOf(used({ promptTokens: 1_600, completionTokens: 20 }))).toBe(103n);
    expect(cheap.costOf(used({ promptTokens: 8, completionTokens: 0 }))).toBe(1n);
    expect(cheap.costOf(used({ promptTokens: 7, completionTokens: 0 }))).toBe(0n);
  });

  it('counts cached, cache-writing and reasoning tokens once, at prices of their own', () => {
    const special = { cacheRead: '0.0000003', cacheWrite: '0.00000375', reasoning: '0.00002', request: '0.001' };
    const all = used({ cachedTokens: 600, cacheWriteTokens: 100, reasoningTokens: 40 });
    expect(price(rates(special)).costOf(all)).toBe(
      1_000_000n + 300n * 3_000n + 600n * 300n + 100n * 3_750n + 60n * 15_000n + 40n * 20_000n,
    );
  });

  it('takes the usual price where a special one is missing or stands there as zero', () => {
    const all = used({ cachedTokens: 600, cacheWriteTokens: 100, reasoningTokens: 40 });
    const usual = 1_000n * 3_000n + 100n * 15_000n;
    expect(price(rates()).costOf(all)).toBe(usual);
    expect(price(rates({ cacheRead: '0', cacheWrite: '0', reasoning: '0', request: '0' })).costOf(all)).toBe(usual);
  });

  it('is dearer for prompts as long as the list says, and not for times of the day', () => {
    const long = rates({ fromPromptTokens: 200_000, prompt: '0.000006', completion: '0.0000225' });
    const listed = price(rates(), long, rates({ isSometimes: true, prompt: '0.1' }));
    expect(listed.costOf(used({ promptTokens: 199_999, completionTokens: 0 }))).toBe(199_999n * 3_000n);
    expect(listed.costOf(used({ promptTokens: 200_000, completionTokens: 1 }))).toBe(200_000n * 6_000n + 22_500n);
  });

  it('is unknown while input or output is', () => {
    expect(price(rates()).costOf(used({ completionTokens: null }))).toBeNull();
    expect(price(rates()).costOf(used({ promptTokens: null }))).toBeNull();
    expect(price(rates({ prompt: '0', completion: '0' })).costOf(used())).toBe(0n);
  });

  it('is never more than what is held back for as many tokens', () => {
    const parts = fc.bigInt({ min: 0n, max: 10n ** 15n }).map((amount) => formatDecimal(amount, 18));
    const maybe = fc.option(parts);
    const anyRates = fc.record({
      fromPromptTokens: fc.nat(2_000),
      isSometimes: fc.boolean(),
      prompt: parts,
      completion: parts,
      request: maybe,
      cacheRead: maybe,
      cacheWrite: maybe,
      reasoning: maybe,
    });
    const tokens = fc.nat(3_000);
    const anyUse = fc.record({
      promptTokens: tokens,
      cachedTokens: fc.option(tokens),
      cacheWriteTokens: fc.option(tokens),
      completionTokens: tokens,
      reasoningTokens: fc.option(tokens),
    });
    fc.assert(
      fc.property(fc.array(anyRates, { minLength: 1, maxLength: 4 }), anyUse, (listed, use) => {
        const some = price(...listed);
        const cost = some.costOf(use);
        return cost === null || cost <= some.mostFor(use.promptTokens, use.completionTokens);
      }),
    );
  });
});
