import type { NanoUsd } from '../shared/money.js';
import type { Day, Month } from '../shared/time/period.js';

/** The model of spend of which nobody has told what it was for. */
export const UNATTRIBUTED = 'unattributed';

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

/** What one key used of one model on one UTC day. There is at most one for each (key, day, model). */
export class UsageDay implements UsageFigures {
  readonly id!: number;
  requests = 0;
  tokensInput = 0;
  tokensOutput = 0;
  tokensReasoning: number | null = null;
  tokensCached: number | null = null;
  cost: NanoUsd = 0n;
  byokCost: NanoUsd = 0n;

  constructor(
    readonly userId: number,
    readonly apiKeyId: number,
    readonly date: Day,
    readonly model: string,
  ) {}
}

/** The same of a whole month: what the clean-up leaves of days past their retention. */
export class UsageMonth implements UsageFigures {
  readonly id!: number;
  requests = 0;
  tokensInput = 0;
  tokensOutput = 0;
  tokensReasoning: number | null = null;
  tokensCached: number | null = null;
  cost: NanoUsd = 0n;
  byokCost: NanoUsd = 0n;

  constructor(
    readonly userId: number,
    readonly apiKeyId: number,
    readonly month: Month,
    readonly model: string,
  ) {}

  /** Takes a day's figures in. Tokens stay unknown only as long as no day knows them. */
  add(day: UsageFigures): void {
    this.requests += day.requests;
    this.tokensInput += day.tokensInput;
    this.tokensOutput += day.tokensOutput;
    this.tokensReasoning = sumOfKnown(this.tokensReasoning, day.tokensReasoning);
    this.tokensCached = sumOfKnown(this.tokensCached, day.tokensCached);
    this.cost += day.cost;
    this.byokCost += day.byokCost;
  }
}

function sumOfKnown(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : one + other;
}
