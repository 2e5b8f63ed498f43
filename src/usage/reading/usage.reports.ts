import type { NanoUsd } from '../../shared/money.js';
import type { Day, Period } from '../../shared/time/period.js';

/** Sums of usage. */
export interface Totals {
  requests: number;
  tokensInput: number;
  tokensOutput: number;
  cost: NanoUsd;
}

export interface DayTotals extends Totals {
  date: Day;
}

export interface ModelTotals extends Totals {
  model: string;
}

export interface KeyTotals extends Totals {
  id: number;
  name: string;
  isActive: boolean;
}

/** Which of a user's usage rows are wanted. */
export interface UsageFilter {
  period: Period;
  apiKeyId?: number;
  model?: string;
}

/** One stored row: a key, a day, a model. */
export interface UsageRow extends Totals {
  id: number;
  apiKeyId: number;
  apiKeyName: string;
  date: Day;
  model: string;
}

/** A day and a model, over all keys of the user. */
export interface DayAndModelTotals extends Totals {
  date: Day;
  model: string;
}

/** A period seen from every side. All of it is of one moment: each side sums up to `totals`. */
export interface Breakdown {
  totals: Totals;
  /** Days with usage, oldest first; a day without any is not in it. */
  byDay: DayTotals[];
  /** Dearest first, then by name. */
  byModel: ModelTotals[];
  /** Keys with usage in the period, dearest first, then lowest id. */
  byKey: KeyTotals[];
}

/** Figures about one user's usage, as they are asked for. Every sum is exact; names sort by their bytes in UTF-8. */
export abstract class UsageReports {
  abstract totals(userId: number, period: Period): Promise<Totals>;
  abstract breakdown(userId: number, period: Period): Promise<Breakdown>;

  /** Newest day first, then by key and model. */
  abstract rows(userId: number, filter: UsageFilter, skip: number, limit: number): Promise<UsageRow[]>;
  abstract countRows(userId: number, filter: UsageFilter): Promise<number>;
  /** The same rows in the same order, a few at a time, however many there are. */
  abstract streamRows(userId: number, filter: UsageFilter): AsyncIterable<UsageRow>;

  /** Newest day first, then by model. */
  abstract daysAndModels(userId: number, period: Period, skip: number, limit: number): Promise<DayAndModelTotals[]>;
  abstract countDaysAndModels(userId: number, period: Period): Promise<number>;

  /** Every key of the user with its all-time totals (folded months included), lowest id first. */
  abstract allTimeByKey(userId: number): Promise<KeyTotals[]>;
}
