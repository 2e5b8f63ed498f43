import { describe, expect, it } from 'vitest';
import { matchesPattern } from './model-pattern.js';

describe('a pattern of models', () => {
  it.each([
    ['openai/gpt-5', 'openai/gpt-5', true],
    ['openai/gpt-5', 'openai/gpt-5-mini', false],
    ['openai/*', 'openai/gpt-5', true],
    ['openai/*', 'evil/openai/gpt-5', false],
    ['*', 'anything', true],
    ['*:free', 'meta/llama:free', true],
    ['*:free', 'meta/llama:free-not', false],
    ['anthropic/claude-*-4', 'anthropic/claude-opus-4', true],
    ['anthropic/claude-*-4', 'anthropic/claude-4', false],
    ['a*b*c', 'a-c-b-c', true],
    ['a*b*c', 'abbc', true],
    ['a*b*c', 'acb', false],
    ['a*b*b', 'ab', false],
    ['a**b', 'ab', true],
    ['gpt.4', 'gptx4', false],
  ])('%s means %s: %s', (pattern, model, isMeant) => {
    expect(matchesPattern(pattern, model)).toBe(isMeant);
  });

  it('is decided upon at once, however it is made', () => {
    const before = process.cpuUsage();
    expect(matchesPattern(`${'*a'.repeat(120)}b`, 'a'.repeat(255))).toBe(false);
    // A matcher that tries every way would not be done within the age of the universe.
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });
});
