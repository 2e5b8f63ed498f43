import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { ApiKey } from '../api-keys/api-key.entity.js';
import { User } from '../auth/accounts/user.entity.js';
import { nanoUsd } from '../database/nano-usd.type.js';
import { CounterDay } from './books/counter-day.entity.js';
import { CounterSnapshot } from './books/counter-snapshot.entity.js';
import { KeyHour } from './books/key-hour.entity.js';
import { KeyMeter } from './books/key-meter.entity.js';
import { UsageDay, UsageMonth } from './usage.entity.js';

const figures = () => ({
  id: p.integer().primary().autoincrement(),
  userId: () => p.manyToOne(User).mapToPk().name('user_id').deleteRule('cascade'),
  apiKeyId: () => p.manyToOne(ApiKey).mapToPk().name('api_key_id').deleteRule('cascade'),
  model: p.string().length(200),
  requests: p.bigint('number'),
  tokensInput: p.bigint('number'),
  tokensOutput: p.bigint('number'),
  tokensReasoning: p.bigint('number').nullable(),
  tokensCached: p.bigint('number').nullable(),
  cost: nanoUsd().name('cost_nanos'),
  byokCost: nanoUsd().name('byok_cost_nanos'),
});

export const UsageDayTable = defineEntity({
  class: UsageDay,
  tableName: 'usage_days',
  uniques: [{ properties: ['apiKeyId', 'date', 'model'] }],
  indexes: [
    {
      // Holds whatever reports add up, so that they need not visit the rows, which lie where each sync left them.
      name: 'usage_days_report_index',
      properties: ['userId', 'date', 'apiKeyId', 'model', 'requests', 'tokensInput', 'tokensOutput', 'cost'],
    },
  ],
  properties: { ...figures(), date: p.string().length(10) } satisfies Record<EntityKey<UsageDay>, unknown>,
});

export const UsageMonthTable = defineEntity({
  class: UsageMonth,
  tableName: 'usage_months',
  uniques: [{ properties: ['apiKeyId', 'month', 'model'] }],
  indexes: [{ properties: ['userId'] }],
  properties: { ...figures(), month: p.string().length(7) } satisfies Record<EntityKey<UsageMonth>, unknown>,
});

const ofKey = () => p.manyToOne(ApiKey).mapToPk().name('api_key_id').deleteRule('cascade');

export const KeyHourTable = defineEntity({
  class: KeyHour,
  tableName: 'usage_hours',
  indexes: [{ properties: ['hour'] }],
  properties: {
    apiKeyId: () => ofKey().primary(),
    hour: p.string().length(13).primary(),
    model: p.string().length(200).primary(),
    requests: p.bigint('number'),
    tokensInput: p.bigint('number'),
    tokensOutput: p.bigint('number'),
    cost: nanoUsd().name('cost_nanos'),
  } satisfies Record<EntityKey<KeyHour>, unknown>,
});

export const KeyMeterTable = defineEntity({
  class: KeyMeter,
  tableName: 'key_meters',
  properties: {
    apiKeyId: () => ofKey().primary(),
    secretHash: p.string().length(64).nullable(),
    openRouterHash: p.string().length(64).nullable(),
    readAt: p.datetime(3),
    day: p.string().length(10),
    usage: nanoUsd().name('usage_nanos'),
    usageToday: nanoUsd().name('usage_today_nanos'),
    byokUsage: nanoUsd().name('byok_usage_nanos'),
    byokUsageToday: nanoUsd().name('byok_usage_today_nanos'),
    since: p.string().length(10),
    historyThrough: p.string().length(10).nullable(),
    historyFrom: p.string().length(10).nullable(),
    hoursThrough: p.string().length(13).nullable(),
    closedBefore: p.string().length(10).nullable(),
  } satisfies Record<Exclude<EntityKey<KeyMeter>, 'firstGrowth'>, unknown>,
});

export const CounterDayTable = defineEntity({
  class: CounterDay,
  tableName: 'counter_days',
  uniques: [{ properties: ['apiKeyId', 'date'] }],
  indexes: [{ properties: ['date'] }],
  properties: {
    id: p.integer().primary().autoincrement(),
    apiKeyId: ofKey,
    date: p.string().length(10),
    spent: nanoUsd().name('spent_nanos'),
    late: nanoUsd().name('late_nanos'),
    byokSpent: nanoUsd().name('byok_spent_nanos'),
    byokLate: nanoUsd().name('byok_late_nanos'),
    isTold: p.boolean(),
    isBackfilled: p.boolean(),
  } satisfies Record<EntityKey<CounterDay>, unknown>,
});

export const CounterSnapshotTable = defineEntity({
  class: CounterSnapshot,
  tableName: 'counter_snapshots',
  uniques: [{ properties: ['apiKeyId', 'date', 'hour'] }],
  indexes: [{ properties: ['date'] }],
  properties: {
    id: p.integer().primary().autoincrement(),
    apiKeyId: ofKey,
    date: p.string().length(10),
    hour: p.integer(),
    takenAt: p.datetime(3),
    usage: nanoUsd().name('usage_nanos'),
    byokUsage: nanoUsd().name('byok_usage_nanos'),
    limitRemaining: nanoUsd().nullable().name('limit_remaining_nanos'),
  } satisfies Record<EntityKey<CounterSnapshot>, unknown>,
});
