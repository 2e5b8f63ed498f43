import type { ModelRates } from '../../open-router/offered-model.js';
import { type NanoUsd, parseDecimal } from '../../shared/money.js';

const DECIMALS = 18;
const PARTS_PER_NANO = 1_000_000_000n;

/** What a call has used. Cached and cache-writing input are parts of the input, reasoning is a part of the output. */
export interface UsedTokens {
  readonly promptTokens: number | null;
  readonly cachedTokens: number | null;
  readonly cacheWriteTokens: number | null;
  readonly completionTokens: number | null;
  readonly reasoningTokens: number | null;
}

/** USD × 10⁻¹⁸ for one token, so that prices below a nano-dollar stay exact until all of a call is summed up. */
interface Rates {
  fromPromptTokens: number;
  isSometimes: boolean;
  prompt: bigint;
  completion: bigint;
  request: bigint;
  cacheRead: bigint;
  cacheWrite: bigint;
  reasoning: bigint;
}

/** What a model costs by the list of prices. */
export class ModelPrice {
  private readonly rates: Rates[];

  constructor(
    readonly model: string,
    /** Its lasting name. */
    readonly slug: string | null,
    readonly contextLength: number | null,
    readonly maxOutputTokens: number | null,
    listed: readonly ModelRates[],
  ) {
    this.rates = listed.map(ratesOf);
  }

  /**
   * What a call costs that has used so much, rounded to the nearest nano-dollar; null while input or output is unknown.
   * Prices that hold sometimes, as at certain times of the day, are left out: it is an estimate.
   */
  costOf(used: UsedTokens): NanoUsd | null {
    const { promptTokens, completionTokens } = used;
    if (promptTokens === null || completionTokens === null) return null;
    const rates = this.rates.findLast(
      ({ isSometimes, fromPromptTokens }) => !isSometimes && fromPromptTokens <= promptTokens,
    );
    if (!rates) return null;
    const cached = part(used.cachedTokens, promptTokens);
    const cacheWrites = part(used.cacheWriteTokens, promptTokens - cached);
    const reasoning = part(used.reasoningTokens, completionTokens);
    const parts =
      rates.request +
      rates.prompt * BigInt(promptTokens - cached - cacheWrites) +
      rates.cacheRead * BigInt(cached) +
      rates.cacheWrite * BigInt(cacheWrites) +
      rates.completion * BigInt(completionTokens - reasoning) +
      rates.reasoning * BigInt(reasoning);
    return (parts + PARTS_PER_NANO / 2n) / PARTS_PER_NANO;
  }

  /** The most that so many tokens can cost at any time, rounded up. */
  mostFor(promptTokens: number, completionTokens: number): NanoUsd {
    const most = (...prices: (keyof Omit<Rates, 'fromPromptTokens' | 'isSometimes'>)[]) =>
      this.rates.reduce((high, rates) => prices.reduce((top, name) => max(top, rates[name]), high), 0n);
    const parts =
      most('request') +
      most('prompt', 'cacheRead', 'cacheWrite') * BigInt(promptTokens) +
      most('completion', 'reasoning') * BigInt(completionTokens);
    return (parts + PARTS_PER_NANO - 1n) / PARTS_PER_NANO;
  }
}

/** Where a special price is missing, or stands as a zero beside a price that is none, the usual one holds. */
function ratesOf(listed: ModelRates): Rates {
  const prompt = parseDecimal(listed.prompt, DECIMALS);
  const completion = parseDecimal(listed.completion, DECIMALS);
  const orElse = (text: string | null, usual: bigint) => (text === null ? 0n : parseDecimal(text, DECIMALS)) || usual;
  return {
    fromPromptTokens: listed.fromPromptTokens,
    isSometimes: listed.isSometimes,
    prompt,
    completion,
    request: orElse(listed.request, 0n),
    cacheRead: orElse(listed.cacheRead, prompt),
    cacheWrite: orElse(listed.cacheWrite, prompt),
    reasoning: orElse(listed.reasoning, completion),
  };
}

function part(tokens: number | null, whole: number): number {
  return Math.min(tokens ?? 0, whole);
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
