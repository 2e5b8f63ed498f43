import type { NanoUsd } from '../../shared/money.js';
import type { Hour } from '../../shared/time/hour.js';

/**
 * What one key used of one model in one UTC hour: a finer view beside its days, never part of them. There is at most one
 * for each (key, hour, model).
 */
export class KeyHour {
  requests = 0;
  tokensInput = 0;
  tokensOutput = 0;
  cost: NanoUsd = 0n;

  constructor(
    readonly apiKeyId: number,
    readonly hour: Hour,
    readonly model: string,
  ) {}
}
