import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { ManyRows } from '../many-rows.mikro.js';
import {
  type CountedBy,
  type CountedCall,
  countsOf,
  EVERY_COUNT,
  LogCount,
  type SpanHours,
  startOfSpan,
} from './log-count.entity.js';

export const LogCountTable = defineEntity({
  class: LogCount,
  tableName: 'request_log_counts',
  properties: {
    spanHours: p.integer().primary().autoincrement(false).$type<SpanHours>(),
    countedBy: p.string().length(8).primary().$type<CountedBy>(),
    beginsAt: p.datetime(3).primary(),
    clientKeyId: p.integer().primary().autoincrement(false),
    upstreamId: p.integer().primary().autoincrement(false),
    statusCode: p.integer().primary().autoincrement(false),
    model: p.string().length(255).primary(),
    calls: p.bigint('number'),
  } satisfies Record<EntityKey<LogCount>, unknown>,
});

const PLACE = ['span_hours', 'counted_by', 'begins_at', 'client_key_id', 'upstream_id', 'status_code', 'model'];
const COUNTS = new ManyRows(
  'request_log_counts',
  [...PLACE, 'calls'],
  `on conflict (${PLACE.join(', ')}) do update set calls = request_log_counts.calls + excluded.calls`,
);

/** Counts rows that the log has got. */
export function countIn(em: SqlEntityManager, calls: readonly CountedCall[]): Promise<void> {
  return COUNTS.insert(em, countsOf(calls).map(valuesOf));
}

/** Counts rows no more that the log has lost, the oldest that it had. */
export async function countOut(em: SqlEntityManager, calls: readonly CountedCall[]): Promise<void> {
  if (calls.length === 0) return;
  const counts = countsOf(calls).map((count) => ({ ...count, calls: -count.calls }));
  await COUNTS.insert(em, counts.map(valuesOf));
  const last = new Date(Math.max(...calls.map(({ createdAt }) => createdAt.getTime())));
  for (const hours of [1, 24] as const) {
    // Of the span that is being emptied the next ones will tell; before it there is nothing but what was left like this.
    await em.execute(
      'delete from request_log_counts where span_hours = ? and counted_by in (?) and begins_at < ? and calls = 0',
      [hours, EVERY_COUNT, startOfSpan(last, hours)],
    );
  }
}

function valuesOf({ spanHours, countedBy, beginsAt, clientKeyId, upstreamId, statusCode, model, calls }: LogCount) {
  return [spanHours, countedBy, beginsAt, clientKeyId, upstreamId, statusCode, model, calls];
}
