import type { AccountKey, KeyFacts } from '../../open-router/open-router.port.js';
import type { Reading } from '../books/key-meter.entity.js';
import type { Timed } from './patient-open-router.js';

/** What syncing one registered key came to. */
export interface KeyOutcome {
  isSynced: boolean;
  /** Keys of the account that nobody had seen before. */
  discovered: number;
  /** Rows of a day and a model that were read. */
  rows: number;
  /** Questions that stayed without a usable answer. */
  failures: number;
}

/** The counters in an answer, with the time at which they were true. */
export function readingOf(timed: Timed<unknown>, counters: KeyFacts | AccountKey): Reading {
  const { usage, usageToday, byokUsage, byokUsageToday, limitRemaining } = counters;
  const { askedAt, answeredAt } = timed;
  return { askedAt, answeredAt, usage, usageToday, byokUsage, byokUsageToday, limitRemaining };
}
