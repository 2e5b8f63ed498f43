import type { SqlEntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import { isSqlite } from '../../../database/dialect.js';
import { endOfSpan, type SpanHours } from '../counts/log-count.entity.js';
import type { LogFilter } from '../request-log.repository.js';
import { type Column, countedBy, indexedIn, only, placeIn } from './log-filter.mikro.js';
import type { CountedStretch } from './stretch.js';

/** How many rows of the log are counted for some hours or days; those without any are left out. */
export async function countedSpans(
  em: SqlEntityManager,
  hours: SpanHours,
  starts: readonly Date[],
  filter: LogFilter,
): Promise<CountedStretch[]> {
  if (starts.length === 0) return [];
  const conditions = placeIn(filter).map(([column, value]) => sql`and ${sql.ref(column)} = ${value}`);
  const query = sql<{ begins_at: string | number; calls: string | number }>`
    select begins_at, sum(calls) as calls from request_log_counts
    where span_hours = ${sql.lit(hours)} and counted_by = ${countedBy(filter)} and ${beginsIn(em, starts)}
      ${sql.join(conditions, sql` `)}
    group by begins_at`;
  const { rows } = await query.execute(em.getKysely<unknown>());
  return rows.map((line) => {
    const from = new Date(line.begins_at);
    return { from, until: endOfSpan(from, hours), calls: Number(line.calls) };
  });
}

/** Of the columns of a filter the one whose index has the fewest rows of some hours; null where none has an index. */
export async function leadingColumn(
  em: SqlEntityManager,
  filter: LogFilter,
  hours: readonly Date[],
): Promise<Column | null> {
  const [first = null, ...others] = indexedIn(filter);
  if (!first || others.length === 0) return first;
  let best = { column: first, calls: Number.POSITIVE_INFINITY };
  for (const column of [first, ...others]) {
    const spans = await countedSpans(em, 1, hours, only(column, filter));
    const calls = spans.reduce((sum, span) => sum + span.calls, 0);
    if (calls < best.calls) best = { column, calls };
  }
  return best.column;
}

/** Many instants in one parameter, so that the text of a statement does not hang on how many there are. */
function beginsIn(em: SqlEntityManager, starts: readonly Date[]): RawBuilder<unknown> {
  if (!isSqlite(em)) return sql`begins_at = any(${starts}::timestamptz[])`;
  return sql`begins_at in (select value from json_each(${JSON.stringify(starts.map(Number))}))`;
}
