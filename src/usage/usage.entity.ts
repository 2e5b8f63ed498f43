import type { NanoUsd } from '../shared/money.js';
import type { Day, Month } from '../shared/time/period.js';
import { sumOf, type UsageFigures } from '../shared/usage-figures.js';

/** The model of spend of which nobody has told what it was for. */
export const UNATTRIBUTED = 'unattributed';

/** What one key used of one model, in a time that the heirs name. */
abstract class KeyUsage implements UsageFigures {
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
    readonly model: string,
  ) {}
}

/** What one key used of one model on one UTC day. There is at most one for each (key, day, model). */
export class UsageDay extends KeyUsage {
  constructor(
    userId: number,
    apiKeyId: number,
    readonly date: Day,
    model: string,
  ) {
    super(userId, apiKeyId, model);
  }
}

/** The same of a whole month: what the clean-up leaves of days past their retention. */
export class UsageMonth extends KeyUsage {
  constructor(
    userId: number,
    apiKeyId: number,
    readonly month: Month,
    model: string,
  ) {
    super(userId, apiKeyId, model);
  }

  add(day: UsageFigures): void {
    Object.assign(this, sumOf(this, day));
  }
}
