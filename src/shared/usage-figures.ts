import type { NanoUsd } from './money.js';

/** What was used of one model through one key. Tokens that the source does not tell are null. */
export interface UsageFigures {
  requests: number;
  tokensInput: number;
  /** Reasoning tokens are part of them. */
  tokensOutput: number;
  tokensReasoning: number | null;
  tokensCached: number | null;
  /** What OpenRouter charged. */
  cost: NanoUsd;
  /** What went through the owner's own provider keys; never part of `cost`. */
  byokCost: NanoUsd;
}

/** Both together. Tokens stay unknown only if neither knows them. */
export function sumOf(one: UsageFigures, other: UsageFigures): UsageFigures {
  return {
    requests: one.requests + other.requests,
    tokensInput: one.tokensInput + other.tokensInput,
    tokensOutput: one.tokensOutput + other.tokensOutput,
    tokensReasoning: sumOfKnown(one.tokensReasoning, other.tokensReasoning),
    tokensCached: sumOfKnown(one.tokensCached, other.tokensCached),
    cost: one.cost + other.cost,
    byokCost: one.byokCost + other.byokCost,
  };
}

function sumOfKnown(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : one + other;
}
