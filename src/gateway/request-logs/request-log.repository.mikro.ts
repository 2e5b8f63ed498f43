import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { hourOf } from '../../shared/time/hour.js';
import type { Day } from '../../shared/time/period.js';
import type { BudgetPeriod } from '../client-keys/client-key.entity.js';
import { type NewLoggedCall, spendDaysOf } from './call-record.js';
import type { CountedCall } from './counts/log-count.entity.js';
import { countIn, countOut } from './counts/log-counts.mikro.js';
import { LoggedCall, type Settlement, type UsageHour } from './logged-call.entity.js';
import { ManyRows, type Value } from './many-rows.mikro.js';
import { LogPages } from './pages/log-pages.mikro.js';
import {
  type DueCall,
  type KeyTotals,
  type LateUsage,
  type LogFilter,
  RequestLogRepository,
} from './request-log.repository.js';

/** A reader for each column rather than the field's name: every call of the gateway goes through here. */
const LOG_COLUMNS: [column: string, read: (call: NewLoggedCall) => Value][] = [
  ['client_key_id', (call) => call.clientKeyId],
  ['upstream_id', (call) => call.upstreamId],
  ['method', (call) => call.method],
  ['path', (call) => call.path],
  ['model', (call) => call.model],
  ['prompt_tokens', (call) => call.promptTokens],
  ['completion_tokens', (call) => call.completionTokens],
  ['total_tokens', (call) => call.totalTokens],
  ['cached_tokens', (call) => call.cachedTokens],
  ['reasoning_tokens', (call) => call.reasoningTokens],
  ['cost_nanos', (call) => call.cost],
  ['byok_cost_nanos', (call) => call.byokCost],
  ['settlement', (call) => call.settlement],
  ['generation_id', (call) => call.generationId],
  ['status_code', (call) => call.statusCode],
  ['duration_ms', (call) => call.durationMs],
  ['ttft_ms', (call) => call.ttftMs],
  ['is_stream', (call) => call.isStream],
  ['error_message', (call) => call.errorMessage],
  ['created_at', (call) => call.createdAt],
  ['settle_at', (call) => call.settleAt],
  ['settle_tries', (call) => call.settleTries],
  ['booked_nanos', (call) => call.booked],
  ['booked_period', (call) => call.bookedPeriod],
  ['booked_on', (call) => call.bookedOn],
];

const HOUR_FIGURES: [column: string, field: keyof KeyTotals | 'failed'][] = [
  ['requests', 'requests'],
  ['failed', 'failed'],
  ['prompt_tokens', 'promptTokens'],
  ['completion_tokens', 'completionTokens'],
  ['cached_tokens', 'cachedTokens'],
  ['reasoning_tokens', 'reasoningTokens'],
  ['cost_nanos', 'cost'],
  ['byok_cost_nanos', 'byokCost'],
  ['unsettled', 'unsettled'],
];

const LOGS = new ManyRows(
  'request_logs',
  LOG_COLUMNS.map(([column]) => column),
);
const HOURS = new ManyRows(
  'gateway_usage_hours',
  ['hour', 'client_key_id', 'upstream_id', 'model', ...HOUR_FIGURES.map(([column]) => column)],
  `on conflict (client_key_id, hour, upstream_id, model) do update set ${HOUR_FIGURES.map(
    ([column]) => `${column} = gateway_usage_hours.${column} + excluded.${column}`,
  ).join(', ')}`,
);
const SPEND_DAYS = new ManyRows(
  'gateway_spend_days',
  ['upstream_id', 'date', 'cost_nanos'],
  `on conflict (upstream_id, date) do update set
   cost_nanos = gateway_spend_days.cost_nanos + excluded.cost_nanos`,
);
const TOTALS = HOUR_FIGURES.map(([column]) => `cast(coalesce(sum(${column}), 0) as text) as ${column}`).join(', ');

@Injectable()
export class MikroRequestLogRepository extends RequestLogRepository {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  async append(calls: readonly NewLoggedCall[]): Promise<void> {
    const rows = calls.map((call) => LOG_COLUMNS.map(([, read]) => read(call)));
    await LOGS.insert(this.em, rows);
    await countIn(this.em, calls);
  }

  async addToHours(hours: readonly UsageHour[]): Promise<void> {
    const rows = hours.map((hour) => [
      hour.hour,
      hour.clientKeyId,
      hour.upstreamId,
      hour.model,
      ...HOUR_FIGURES.map(([, field]) => hour[field]),
    ]);
    await HOURS.insert(this.em, rows);
    const days = spendDaysOf(hours).map(({ upstreamId, date, cost }) => [upstreamId, date, cost]);
    await SPEND_DAYS.insert(this.em, days);
  }

  async recordUses(uses: ReadonlyMap<number, Date>): Promise<void> {
    // In the same order on every instance, so that no two wait for each other's rows.
    for (const [id, at] of [...uses].toSorted(([one], [other]) => one - other)) {
      await this.em.execute(
        'update client_keys set last_used_at = ? where id = ? and (last_used_at is null or last_used_at < ?)',
        [at, id, at],
      );
    }
  }

  page(filter: LogFilter, page: number, size: number): Promise<{ items: LoggedCall[]; total: number }> {
    return new LogPages(this.em).page(filter, page, size);
  }

  async totalsOf(clientKeyId: number, sinceHour = ''): Promise<KeyTotals> {
    const [row] = await this.em.execute<[Record<string, string>]>(
      `select ${TOTALS} from gateway_usage_hours where client_key_id = ? and hour >= ?`,
      [clientKeyId, sinceHour],
    );
    return {
      requests: Number(row.requests),
      promptTokens: Number(row.prompt_tokens),
      completionTokens: Number(row.completion_tokens),
      cachedTokens: Number(row.cached_tokens),
      reasoningTokens: Number(row.reasoning_tokens),
      cost: BigInt(row.cost_nanos!),
      byokCost: BigInt(row.byok_cost_nanos!),
      unsettled: Number(row.unsettled),
    };
  }

  async listDue(now: Date, most: number, since: Date): Promise<DueCall[]> {
    const rows = await this.em.execute<StoredDueCall[]>(
      `select id, client_key_id, upstream_id, model, prompt_tokens, completion_tokens, total_tokens, cached_tokens,
       reasoning_tokens, created_at, settle_at, settle_tries, generation_id, settlement, booked_period, booked_on,
       cast(cost_nanos as text) as cost, cast(booked_nanos as text) as booked
       from request_logs where settle_at <= ? and created_at >= ? order by settle_at limit ?`,
      [now, since, most],
    );
    return rows.map(dueCallOf);
  }

  async claim({ id, createdAt, settleTries }: DueCall, next: Date | null): Promise<boolean> {
    const where = { id, createdAt, settleTries, settlement: { $ne: 'settled' as const } };
    return (await this.em.nativeUpdate(LoggedCall, where, { settleAt: next, settleTries: settleTries + 1 })) === 1;
  }

  async settle(call: DueCall, usage: LateUsage): Promise<boolean> {
    const { cost, byokCost } = usage;
    const known = {
      promptTokens: call.promptTokens ?? usage.promptTokens,
      completionTokens: call.completionTokens ?? usage.completionTokens,
      cachedTokens: call.cachedTokens ?? usage.cachedTokens,
      reasoningTokens: call.reasoningTokens ?? usage.reasoningTokens,
    };
    const { promptTokens, completionTokens } = known;
    const sum = promptTokens === null || completionTokens === null ? null : promptTokens + completionTokens;
    const changes = { ...known, totalTokens: call.totalTokens ?? sum, cost, byokCost, settleAt: null };
    const where = { id: call.id, createdAt: call.createdAt, settlement: call.settlement };
    const changed = await this.em.nativeUpdate(LoggedCall, where, { ...changes, settlement: 'settled' });
    if (changed === 0) return false;
    if (call.clientKeyId !== null) await this.addToHours([lateHour(call, call.clientKeyId, known, usage)]);
    return true;
  }

  async removeBefore(instant: Date, most: number): Promise<number> {
    const [last] = await this.em.execute<{ created_at: string | number; id: number }[]>(
      'select created_at, id from request_logs where created_at < ? order by created_at, id limit 1 offset ?',
      [instant, most - 1],
    );
    const [which, values] = last
      ? [
          'created_at <= ? and (created_at, id) <= (?, ?)',
          [new Date(last.created_at), new Date(last.created_at), last.id],
        ]
      : ['created_at < ?', [instant]];
    const removed = await this.em.execute<StoredCountedCall[]>(
      `delete from request_logs where ${which} returning client_key_id, upstream_id, status_code, model, created_at`,
      values,
    );
    await countOut(this.em, removed.map(countedCallOf));
    return removed.length;
  }
}

interface StoredCountedCall {
  client_key_id: number | null;
  upstream_id: number | null;
  status_code: number;
  model: string | null;
  created_at: string | number;
}

function countedCallOf(row: StoredCountedCall): CountedCall {
  return {
    clientKeyId: row.client_key_id,
    upstreamId: row.upstream_id,
    statusCode: row.status_code,
    model: row.model,
    createdAt: new Date(row.created_at),
  };
}

interface StoredDueCall {
  id: number;
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

function dueCallOf(row: StoredDueCall): DueCall {
  // PostgreSQL hands 64-bit integers out as texts.
  const tokens = (stored: string | number | null) => (stored === null ? null : Number(stored));
  return {
    id: row.id,
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
function lateHour(
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
