import { NANOS_PER_USD, type NanoUsd, parseUsd } from '../../../shared/money.js';
import { count } from '../requests/call-request.js';

/** What a provider says that a call used. What it does not say is null. */
export interface TokenUsage {
  /** The whole input, cached parts included. */
  readonly promptTokens: number | null;
  /** The part of the input that was read from a cache. */
  readonly cachedTokens: number | null;
  /** The part of the input that was written to a cache. */
  readonly cacheWriteTokens: number | null;
  /** The whole output, reasoning included. */
  readonly completionTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly totalTokens: number | null;
  /** What the provider charged for the call. */
  readonly cost: NanoUsd | null;
  /** What the client's own provider key was charged on top of `cost`; only where such a key was used. */
  readonly byokCost: NanoUsd | null;
}

export const NOTHING_KNOWN: TokenUsage = {
  promptTokens: null,
  cachedTokens: null,
  cacheWriteTokens: null,
  completionTokens: null,
  reasoningTokens: null,
  totalTokens: null,
  cost: null,
  byokCost: null,
};

type Said = Record<string, unknown>;

const NOTHING_SAID: Said = {};
const MANY_DIGITS = /[\d.]{16}/;
/** What would be more is no amount for one call, and sums of it would burst the database's integers. */
const MOST_FOR_A_CALL = 100_000_000n * NANOS_PER_USD;

/**
 * Collects the usage objects of one answer, in the order in which they come; what a later one says replaces what an
 * earlier one said. Understands chat, completions, embeddings, responses and Anthropic's messages.
 */
export class UsageTally {
  private said = NOTHING_SAID;

  /** Takes a usage object as JSON text; anything else is ignored. `isOpening` when the output is still to come. */
  add(text: string, isOpening = false): void {
    const usage = parseUsage(text);
    if (!usage) return;
    if (this.said === NOTHING_SAID && !isOpening) {
      this.said = usage;
      return;
    }
    const known = Object.entries(usage).filter(([name, value]) => value !== null && !(isOpening && isOutput(name)));
    this.said = { ...this.said, ...Object.fromEntries(known) };
  }

  get usage(): TokenUsage {
    const { said } = this;
    const inputDetails = detailsOf(said, 'prompt_tokens_details', 'input_tokens_details');
    const outputDetails = detailsOf(said, 'completion_tokens_details', 'output_tokens_details');
    const promptTokens = count(said.prompt_tokens) ?? wholeInput(said);
    const total = count(said.total_tokens);
    const completionTokens =
      count(said.completion_tokens) ?? count(said.output_tokens) ?? difference(total, promptTokens);
    return {
      promptTokens,
      cachedTokens:
        count(inputDetails.cached_tokens) ?? count(said.cache_read_input_tokens) ?? count(said.prompt_cache_hit_tokens),
      cacheWriteTokens: count(inputDetails.cache_write_tokens) ?? count(said.cache_creation_input_tokens),
      completionTokens,
      reasoningTokens: count(outputDetails.reasoning_tokens),
      totalTokens: total ?? sum(promptTokens, completionTokens),
      cost: amount(said.cost),
      // Without a key of the client's own the same field repeats `cost`, and adding it would count a dollar twice.
      byokCost: said.is_byok === true ? amount(detailsOf(said, 'cost_details').upstream_inference_cost) : null,
    };
  }
}

/** Anthropic counts what it reads from and writes to its cache beside `input_tokens`, not in it. */
function wholeInput(said: Said): number | null {
  const input = count(said.input_tokens);
  if (input === null) return null;
  return input + (count(said.cache_read_input_tokens) ?? 0) + (count(said.cache_creation_input_tokens) ?? 0);
}

function isOutput(name: string): boolean {
  return name === 'output_tokens' || name === 'total_tokens';
}

function detailsOf(said: Said, ...names: string[]): Said {
  const details = names.map((name) => said[name]).find((value) => typeof value === 'object' && value !== null);
  return (details ?? {}) as Said;
}

function difference(total: number | null, part: number | null): number | null {
  return total === null || part === null || part > total ? null : total - part;
}

function sum(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}

function amount(value: unknown): NanoUsd | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  try {
    const nanos = parseUsd(value);
    return nanos >= 0n && nanos <= MOST_FOR_A_CALL ? nanos : null;
  } catch {
    return null;
  }
}

/**
 * No digit of an amount is lost: a number of up to 15 digits comes out of `JSON.parse` as it was written; a longer one stays
 * the text that the provider wrote.
 */
function parseUsage(text: string): Said | null {
  try {
    const parsed: unknown = MANY_DIGITS.test(text) ? parseWithSource(text, keepAmount) : JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Said) : null;
  } catch {
    return null;
  }
}

const keepAmount: ReviveSource = (name, value, context) =>
  typeof value === 'number' && name.endsWith('cost') ? (context.source ?? value) : value;

type ReviveSource = (name: string, value: unknown, context: { source?: string }) => unknown;

// TypeScript's library does not know the reviver's third argument yet (ES2026; in Node since 22).
const { parse: parseWithSource } = JSON as unknown as { parse(text: string, revive: ReviveSource): unknown };
