import type { NanoUsd } from '../../shared/money.js';
import type { TokenUsage } from './metering/token-usage.js';

/** What calls cost of which the provider does not say it. Asked for each of those: it answers from memory. */
export abstract class CallPrices {
  /** By the first of the models that has a known price; null if none has one, or too little is known of the usage. */
  abstract costOf(provider: string, models: readonly (string | null)[], usage: TokenUsage): NanoUsd | null;
}
