import { hourOf } from '../../../shared/time/hour.js';
import type { Day } from '../../../shared/time/period.js';
import type { BudgetPeriod } from '../../client-keys/client-key.entity.js';
import type { Settlement, UsageHour } from '../logged-call.entity.js';
import type { DueCall, LateUsage } from '../request-log.repository.js';

/** A call of which the provider can say more, as it is stored. */
export interface StoredDueCall {
  id: string | number;
  client_key_id: number | null;
  upstream_id: number;
  model: string | null;
  prompt_tokens: string | number | null;
  completion_tokens: string | number | null;
  total_tokens: string | number | null;
  cached_tokens: string | number | null;
  reasoning_tokens: string | number | null;
  created_at: string | number;
  settle_at: string | number;
  settle_tries: number;
  generation_id: string;
  settlement: Settlement;
  cost: string | null;
  booked: string | null;
  booked_period: BudgetPeriod | null;
  booked_on: Day | null;
}

export function dueCallOf(row: StoredDueCall): DueCall {
  // PostgreSQL hands 64-bit integers out as texts.
  const tokens = (stored: string | number | null) => (stored === null ? null : Number(stored));
  return {
    id: Number(row.id),
    clientKeyId: row.client_key_id,
    upstreamId: row.upstream_id,
    model: row.model,
    promptTokens: tokens(row.prompt_tokens),
    completionTokens: tokens(row.completion_tokens),
    totalTokens: tokens(row.total_tokens),
    cachedTokens: tokens(row.cached_tokens),
    reasoningTokens: tokens(row.reasoning_tokens),
    createdAt: new Date(row.created_at),
    settleAt: new Date(row.settle_at),
    settleTries: row.settle_tries,
    generationId: row.generation_id,
    settlement: row.settlement,
    cost: row.cost === null ? null : BigInt(row.cost),
    booked: row.booked === null ? null : BigInt(row.booked),
    bookedPeriod: row.booked_period,
    bookedOn: row.booked_on,
  };
}

/** What settling a call adds to its hour: what it cost beyond the estimate, and the tokens that were not known before. */
export function lateHour(
  call: DueCall,
  clientKeyId: number,
  known: Omit<LateUsage, 'cost' | 'byokCost'>,
  { cost, byokCost }: LateUsage,
): UsageHour {
  const added = (before: number | null, now: number | null) => (now ?? 0) - (before ?? 0);
  return {
    hour: hourOf(call.createdAt),
    clientKeyId,
    upstreamId: call.upstreamId,
    model: call.model ?? '',
    requests: 0,
    failed: 0,
    promptTokens: added(call.promptTokens, known.promptTokens),
    completionTokens: added(call.completionTokens, known.completionTokens),
    cachedTokens: added(call.cachedTokens, known.cachedTokens),
    reasoningTokens: added(call.reasoningTokens, known.reasoningTokens),
    cost: cost - (call.cost ?? 0n),
    byokCost: byokCost ?? 0n,
    unsettled: call.settlement === 'unknown' ? -1 : 0,
  };
}
