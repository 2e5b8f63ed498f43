import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { ApiKey } from '../api-keys/api-key.entity.js';
import { User } from '../auth/accounts/user.entity.js';
import type { NanoUsd } from '../shared/money.js';
import { nanoUsd } from '../database/nano-usd.type.js';

/**
 * What usage rows add up to, so that a question costs what its answer is long, however many rows there are. Triggers of
 * usage_days and usage_months keep these tables within the statement that changes a row: nothing else writes here.
 * A migration that makes one of those two tables anew must make its triggers anew too (migration `usage_sums`).
 */
class Sums {
  userId!: number;
  /** How many usage rows are in it; a total without any goes. */
  rowCount!: number;
  requests!: number;
  tokensInput!: number;
  tokensOutput!: number;
  cost!: NanoUsd;
}

/** A user's day. */
export class DaySum extends Sums {
  date!: string;
}

/** A user's day and model. */
export class ModelDaySum extends DaySum {
  model!: string;
}

/** A user's day and key. */
export class KeyDaySum extends DaySum {
  apiKeyId!: number;
}

/** A key since it is known here, folded months included. */
export class KeySum extends Sums {
  apiKeyId!: number;
}

const user = () => p.manyToOne(User).mapToPk().name('user_id').deleteRule('cascade');
const apiKey = () => p.manyToOne(ApiKey).mapToPk().name('api_key_id').deleteRule('cascade');

const sums = () => ({
  rowCount: p.bigint('number'),
  requests: p.bigint('number'),
  tokensInput: p.bigint('number'),
  tokensOutput: p.bigint('number'),
  cost: nanoUsd().name('cost_nanos'),
});

export const DaySumTable = defineEntity({
  class: DaySum,
  tableName: 'usage_sums_by_day',
  properties: {
    userId: () => user().primary(),
    date: p.string().length(10).primary(),
    ...sums(),
  } satisfies Record<EntityKey<DaySum>, unknown>,
});

export const ModelDaySumTable = defineEntity({
  class: ModelDaySum,
  tableName: 'usage_sums_by_day_and_model',
  properties: {
    userId: () => user().primary(),
    date: p.string().length(10).primary(),
    model: p.string().length(200).primary(),
    ...sums(),
  } satisfies Record<EntityKey<ModelDaySum>, unknown>,
});

export const KeyDaySumTable = defineEntity({
  class: KeyDaySum,
  tableName: 'usage_sums_by_day_and_key',
  properties: {
    userId: () => user().primary(),
    date: p.string().length(10).primary(),
    apiKeyId: () => apiKey().primary(),
    ...sums(),
  } satisfies Record<EntityKey<KeyDaySum>, unknown>,
});

export const KeySumTable = defineEntity({
  class: KeySum,
  tableName: 'usage_sums_by_key',
  properties: {
    apiKeyId: () => apiKey().primary(),
    userId: () => user().index(),
    ...sums(),
  } satisfies Record<EntityKey<KeySum>, unknown>,
});
