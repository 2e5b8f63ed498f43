import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { ManyRows, type Value } from '../many-rows.mikro.js';
import { type CountedBy, type CountedCall, countsOf, LogCount, type SpanHours } from './log-count.entity.js';

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
const TYPES = ['int', 'varchar', 'timestamptz', 'int', 'int', 'int', 'varchar'];
const COUNTS = ManyRows.into(
  'request_log_counts',
  [...PLACE, 'calls'],
  `on conflict (${PLACE.join(', ')}) do update set calls = request_log_counts.calls + excluded.calls`,
);
/** By their whole key: among many models, nobody looks at all other counts of a day for those that are empty. */
const EMPTY_COUNTS = new ManyRows(
  PLACE.length,
  (places) => `delete from request_log_counts where (${PLACE.join(', ')}) in (values ${places}) and calls = 0`,
  TYPES,
);

/** Counts rows that the log has got. */
export function countIn(em: SqlEntityManager, calls: readonly CountedCall[]): Promise<void> {
  return COUNTS.write(em, countsOf(calls).map(valuesOf));
}

/** Counts rows no more that the log has lost. */
export async function countOut(em: SqlEntityManager, calls: readonly CountedCall[]): Promise<void> {
  const counts = countsOf(calls);
  await COUNTS.write(
    em,
    counts.map((count) => valuesOf({ ...count, calls: -count.calls })),
  );
  await EMPTY_COUNTS.write(em, counts.map(placeOf));
}

function valuesOf(count: LogCount): Value[] {
  return [...placeOf(count), count.calls];
}

function placeOf({ spanHours, countedBy, beginsAt, clientKeyId, upstreamId, statusCode, model }: LogCount): Value[] {
  return [spanHours, countedBy, beginsAt, clientKeyId, upstreamId, statusCode, model];
}
