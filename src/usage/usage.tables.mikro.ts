import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { ApiKey } from '../api-keys/api-key.entity.js';
import { User } from '../auth/user.entity.js';
import { nanoUsd } from '../database/nano-usd.type.js';
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
