import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { nanoUsd } from '../../database/nano-usd.type.js';
import type { BudgetPeriod } from '../client-keys/client-key.entity.js';
import { LoggedCall, type Settlement, SpendDay, UsageHour } from './logged-call.entity.js';

const tokens = () => p.bigint('number');

/** No foreign keys: what a key did stays known when the key or the upstream is gone. */
export const RequestLogTable = defineEntity({
  class: LoggedCall,
  tableName: 'request_logs',
  indexes: [
    { properties: ['createdAt'] },
    { properties: ['clientKeyId', 'createdAt'] },
    { properties: ['upstreamId', 'createdAt'] },
    { properties: ['model', 'createdAt'] },
    // Most rows have the usual status and nothing to settle: what is looked for are the others.
    { properties: ['statusCode', 'createdAt'], where: 'status_code <> 200' },
    { properties: ['settleAt'], where: 'settle_at is not null' },
  ],
  properties: {
    // First, because on PostgreSQL it is part of the primary key (src/database/partitioned-tables.ts).
    createdAt: p.datetime(3),
    id: p.integer().primary().autoincrement(),
    clientKeyId: p.integer().nullable(),
    upstreamId: p.integer().nullable(),
    method: p.string().length(16),
    path: p.string().length(255),
    model: p.string().length(255).nullable(),
    promptTokens: tokens().nullable(),
    completionTokens: tokens().nullable(),
    totalTokens: tokens().nullable(),
    cachedTokens: tokens().nullable(),
    reasoningTokens: tokens().nullable(),
    cost: nanoUsd().nullable().name('cost_nanos'),
    byokCost: nanoUsd().nullable().name('byok_cost_nanos'),
    settlement: p.string().length(16).$type<Settlement>(),
    generationId: p.string().length(128).nullable(),
    statusCode: p.integer(),
    durationMs: p.integer(),
    ttftMs: p.integer().nullable(),
    isStream: p.boolean(),
    errorMessage: p.string().length(64).nullable(),
    settleAt: p.datetime(3).nullable(),
    settleTries: p.integer(),
    booked: nanoUsd().nullable().name('booked_nanos'),
    bookedPeriod: p.string().length(8).nullable().$type<BudgetPeriod | null>(),
    bookedOn: p.string().length(10).nullable(),
  } satisfies Record<EntityKey<LoggedCall>, unknown>,
});

export const UsageHourTable = defineEntity({
  class: UsageHour,
  tableName: 'gateway_usage_hours',
  properties: {
    clientKeyId: p.integer().primary().autoincrement(false),
    hour: p.string().length(13).primary(),
    upstreamId: p.integer().primary().autoincrement(false),
    model: p.string().length(255).primary(),
    requests: tokens(),
    failed: tokens(),
    promptTokens: tokens(),
    completionTokens: tokens(),
    cachedTokens: tokens(),
    reasoningTokens: tokens(),
    cost: nanoUsd().name('cost_nanos'),
    byokCost: nanoUsd().name('byok_cost_nanos'),
    unsettled: tokens(),
  } satisfies Record<EntityKey<UsageHour>, unknown>,
});

/** The hours added up, so that a year of an upstream is 365 rows, however many keys and models used it. */
export const SpendDayTable = defineEntity({
  class: SpendDay,
  tableName: 'gateway_spend_days',
  properties: {
    upstreamId: p.integer().primary().autoincrement(false),
    date: p.string().length(10).primary(),
    cost: nanoUsd().name('cost_nanos'),
  } satisfies Record<EntityKey<SpendDay>, unknown>,
});
