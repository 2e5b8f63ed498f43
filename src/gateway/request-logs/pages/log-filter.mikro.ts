import { type RawBuilder, sql } from 'kysely';
import type { CountedBy } from '../counts/log-count.entity.js';
import type { LogFilter } from '../request-log.repository.js';

/** Most calls are answered so: the index of statuses leaves them out. */
const USUAL_STATUS = 200;

const INDEXED = ['client_key_id', 'status_code', 'model', 'upstream_id'] as const;
export type Column = (typeof INDEXED)[number];

const ALONE: Readonly<Record<Column, CountedBy>> = {
  client_key_id: 'key',
  status_code: 'status',
  model: 'model',
  upstream_id: 'upstream',
};

const NOTHING: Readonly<Record<Column, string | number>> = {
  client_key_id: 0,
  status_code: 0,
  model: '',
  upstream_id: 0,
};

/** What is asked for besides the time. */
export function wantedIn(filter: LogFilter): [column: Column, value: string | number][] {
  const values = {
    client_key_id: filter.clientKeyId,
    status_code: filter.statusCode,
    model: filter.model,
    upstream_id: filter.upstreamId,
  };
  return INDEXED.flatMap((column) => (values[column] === null ? [] : [[column, values[column]]]));
}

/** Which of the counts tell of a filter with the fewest lines. */
export function countedBy(filter: LogFilter): CountedBy {
  const [first, second] = wantedIn(filter).map(([column]) => column);
  if (!first) return 'all';
  if (!second) return ALONE[first];
  return first === 'client_key_id' ? 'whole' : 'mixed';
}

/** Where in these counts its lines are: what they are not counted by is nothing in all of them. */
export function placeIn(filter: LogFilter): [column: Column, value: string | number][] {
  const wanted = new Map(wantedIn(filter));
  const by = countedBy(filter);
  return INDEXED.flatMap((column) => {
    const isOpen = by === 'whole' || (by === 'mixed' && column !== 'client_key_id');
    const value = wanted.get(column) ?? (isOpen ? undefined : NOTHING[column]);
    return value === undefined ? [] : [[column, value]];
  });
}

/** Whether the rows of a filter stand together in an index, so that any stretch of time costs what it has of them. */
export function standTogether(filter: LogFilter): boolean {
  const wanted = wantedIn(filter);
  return wanted.length === 0 || (wanted.length === 1 && isIndexed(wanted[0]!));
}

/** The columns with an index that finds the rows of a filter. */
export function indexedIn(filter: LogFilter): Column[] {
  return wantedIn(filter)
    .filter(isIndexed)
    .map(([column]) => column);
}

/** What a filter asks of one column, and nothing else. */
export function only(column: Column, { clientKeyId, upstreamId, statusCode, model }: LogFilter): LogFilter {
  return {
    clientKeyId: column === 'client_key_id' ? clientKeyId : null,
    upstreamId: column === 'upstream_id' ? upstreamId : null,
    statusCode: column === 'status_code' ? statusCode : null,
    model: column === 'model' ? model : null,
    from: null,
    to: null,
  };
}

/**
 * The condition on rows of the log. SQLite knows nothing of how many rows a value has, and is told which column's index to
 * take, or none, by a plus before every other column; PostgreSQL chooses by itself.
 */
export function matching(filter: LogFilter, leading?: Column | null): RawBuilder<unknown> {
  const conditions = wantedIn(filter).map(([column, value]) => {
    if (leading === undefined || column === leading) return sql`${sql.ref(column)} = ${value}`;
    return sql`+${sql.ref(column)} = ${value}`;
  });
  // In the words of the index, without which SQLite does not see that it has all of these rows.
  if (leading === 'status_code') conditions.push(sql`status_code <> ${sql.lit(USUAL_STATUS)}`);
  return sql.join([sql`1 = 1`, ...conditions], sql` and `);
}

function isIndexed([column, value]: [Column, string | number]): boolean {
  return column !== 'status_code' || value !== USUAL_STATUS;
}
