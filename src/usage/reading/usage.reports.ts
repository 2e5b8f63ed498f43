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

/** What was spent on one day for one model, or through one key. */
export interface DayPart {
  date: Day;
  /** The name of the model, or the id of the key as text. */
  of: string;
  cost: NanoUsd;
}

/** By what a day can be split once more. */
export type Side = 'model' | 'key';

/** A breakdown, and the days of what was dearest in it. */
export interface Timeline extends Breakdown {
  /** In no particular order; what is missing of a day went to all the others. */
  parts: DayPart[];
}

export const ROW_SORTS = ['date', 'key', 'model', 'requests', 'tokens_input', 'tokens_output', 'cost'] as const;
export type RowSort = (typeof ROW_SORTS)[number];

/** How rows are sorted; ties go newest day first, then by key and model. */
export interface RowOrder {
  by: RowSort;
  direction: 'asc' | 'desc';
}

/** Figures about one user's usage, as they are asked for. Every sum is exact; names sort by their bytes in UTF-8. */
export abstract class UsageReports {
  abstract totals(userId: number, period: Period): Promise<Totals>;
  abstract breakdown(userId: number, period: Period): Promise<Breakdown>;
  /** With the parts of the `most` dearest models or keys that cost anything. */
  abstract timeline(userId: number, period: Period, by: Side, most: number): Promise<Timeline>;

  /** Newest day first, then by key and model, unless another order is asked for; keys sort by their names. */
  abstract rows(
    userId: number,
    filter: UsageFilter,
    skip: number,
    limit: number,
    order?: RowOrder,
  ): Promise<UsageRow[]>;
  abstract countRows(userId: number, filter: UsageFilter): Promise<number>;
  /** All rows that fit together. */
  abstract sumOfRows(userId: number, filter: UsageFilter): Promise<Totals>;
  /** Every row that fits, newest day first, then by key and model: a few at a time, however many there are. */
  abstract streamRows(userId: number, filter: UsageFilter): AsyncIterable<UsageRow>;

  /** Newest day first, then by model. */
  abstract daysAndModels(userId: number, period: Period, skip: number, limit: number): Promise<DayAndModelTotals[]>;
  abstract countDaysAndModels(userId: number, period: Period): Promise<number>;

  /** Every key of the user with its all-time totals (folded months included), lowest id first. */
  abstract allTimeByKey(userId: number): Promise<KeyTotals[]>;
}
