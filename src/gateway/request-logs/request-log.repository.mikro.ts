import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import type { NewLoggedCall } from './call-record.js';
import type { CountedCall } from './counts/log-count.entity.js';
import { countIn, countOut } from './counts/log-counts.mikro.js';
import { HOUR_TOTALS, insertCalls, insertHours } from './log-rows.mikro.js';
import { LoggedCall, type UsageHour } from './logged-call.entity.js';
import { LogPages } from './pages/log-pages.mikro.js';
import {
  type DueCall,
  type KeyTotals,
  type LateUsage,
  type LogFilter,
  RequestLogRepository,
} from './request-log.repository.js';
import { dueCallOf, lateHour, type StoredDueCall } from './settling/due-calls.mikro.js';

@Injectable()
export class MikroRequestLogRepository extends RequestLogRepository {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  async append(calls: readonly NewLoggedCall[]): Promise<void> {
    await insertCalls(this.em, calls);
    await countIn(this.em, calls);
  }

  addToHours(hours: readonly UsageHour[]): Promise<void> {
    return insertHours(this.em, hours);
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
      `select ${HOUR_TOTALS} from gateway_usage_hours where client_key_id = ? and hour >= ?`,
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
