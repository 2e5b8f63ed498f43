import { describe, expect, it } from 'vitest';
import type { OfferedModel } from '../../open-router/offered-model.js';
import { PriceList } from './price-list.js';

const offered = (id: string, slug: string | null, prompt: string): OfferedModel => {
  const none = { request: null, cacheRead: null, cacheWrite: null, reasoning: null };
  const rates = [{ fromPromptTokens: 0, isSometimes: false, prompt, completion: prompt, ...none }];
  return { id, slug, contextLength: null, maxOutputTokens: null, rates };
};

describe('the list of prices', () => {
  const list = new PriceList();
  list.take([
    offered('openai/gpt-5', 'openai/gpt-5-2025-08-07', '0.000001'),
    offered('deepseek/r1:free', 'deepseek/r1', '0'),
    offered('deepseek/r1', 'deepseek/r1', '0.000002'),
  ]);
  const nanos = (provider: string, model: string) => list.find(provider, model)?.mostFor(1, 0);

  it('knows a model by its usual and by its lasting name, and a variant by its own', () => {
    expect(nanos('openrouter', 'openai/gpt-5')).toBe(1_000n);
    expect(nanos('openrouter', 'openai/gpt-5-2025-08-07')).toBe(1_000n);
    expect(nanos('openrouter', 'deepseek/r1:free')).toBe(0n);
    expect(nanos('openrouter', 'deepseek/r1')).toBe(2_000n);
    expect(nanos('openrouter', 'openai/gpt-5:nitro')).toBe(1_000n);
  });

  it('knows the models of other providers by the names that these use', () => {
    expect(nanos('openai', 'gpt-5')).toBe(1_000n);
    expect(nanos('openai', 'gpt-5-2025-08-07')).toBe(1_000n);
    expect(nanos('anthropic', 'gpt-5')).toBeUndefined();
    expect(nanos('openrouter', 'openai/gpt-5:online')).toBeUndefined();
  });
});
