import { z } from 'zod';
import type { AccountKey, KeyFacts, KeySpending } from './open-router.port.js';
import {
  usd,
  usdOrNothing,
  usdIfKnown,
  identifier,
  wordsIfKnown,
  instantIfKnown,
  resetIfKnown,
  yes,
} from './wire-values.js';

const spending = {
  usage: usd,
  usage_daily: usdOrNothing,
  byok_usage: usdOrNothing,
  byok_usage_daily: usdOrNothing,
  limit: usdIfKnown,
  limit_remaining: usdIfKnown,
  limit_reset: resetIfKnown,
  expires_at: instantIfKnown,
};

const budget = z.looseObject({ remaining_usd: usdIfKnown }).nullish().catch(null);

/** `GET /key`. */
export const KeyReading = z
  .looseObject({
    data: z.looseObject({
      ...spending,
      label: wordsIfKnown,
      is_management_key: yes,
      is_provisioning_key: yes,
      effective_budget: budget,
    }),
  })
  .transform(({ data }): KeyFacts => ({
    ...spendingOf(data),
    label: data.label,
    isManagement: data.is_management_key ?? data.is_provisioning_key ?? false,
    limitRemaining: narrower(data.limit_remaining, data.effective_budget?.remaining_usd ?? null),
  }));

/** An item of `GET /keys`. */
export const AccountKeyReading = z
  .looseObject({
    ...spending,
    usage: usdOrNothing,
    hash: identifier(64),
    name: wordsIfKnown,
    label: wordsIfKnown,
    disabled: yes,
    workspace_id: identifier(64).nullish().catch(null),
    created_at: instantIfKnown,
    last_used_at: instantIfKnown,
  })
  .transform((item): AccountKey => ({
    ...spendingOf(item),
    hash: item.hash,
    name: item.name ?? item.label ?? '',
    label: item.label ?? '',
    isDisabled: item.disabled ?? false,
    workspaceId: item.workspace_id ?? null,
    createdAt: item.created_at,
    lastUsedAt: item.last_used_at,
  }));

function spendingOf(item: z.output<z.ZodObject<typeof spending>>): KeySpending {
  return {
    usage: item.usage,
    usageToday: item.usage_daily,
    byokUsage: item.byok_usage,
    byokUsageToday: item.byok_usage_daily,
    limit: item.limit,
    limitRemaining: item.limit_remaining,
    limitReset: item.limit_reset ?? null,
    expiresAt: item.expires_at,
  };
}

function narrower(one: bigint | null, other: bigint | null): bigint | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
