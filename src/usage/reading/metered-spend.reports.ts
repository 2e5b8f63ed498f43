import type { NanoUsd } from '../../shared/money.js';
import type { Period } from '../../shared/time/period.js';

/**
 * What the gateway has metered of calls made with somebody's registered keys. OpenRouter's books hold the same calls: the
 * two stand side by side and are never added.
 */
export abstract class MeteredSpend {
  /** By the number of the key; a key that no upstream uses, or that the gateway has not called with, is not in it. */
  abstract byKey(userId: number, period: Period): Promise<ReadonlyMap<number, NanoUsd>>;
}
