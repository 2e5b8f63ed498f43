import { type RawBuilder, sql } from 'kysely';
import type { RowOrder, RowSort } from './usage.reports.js';

/** The order of a list, in full, for usage that the query calls `u` and its key `k`. */
export interface Sorting {
  by: RawBuilder<unknown>;
  isByKey: boolean;
}

/** How a database compares a text column by its bytes. */
type Bytes = (column: string) => RawBuilder<unknown>;

const UP = sql`asc`;
const DOWN = sql`desc`;

/** What is equal comes by day, newest first, then by key and model; backwards everything is the other way round. */
export function sortingOf({ by, direction }: RowOrder, bytes: Bytes, isBackwards: boolean): Sorting {
  const columns: Record<RowSort, RawBuilder<unknown>> = {
    date: sql`u.date`,
    key: bytes('k.name'),
    model: bytes('u.model'),
    requests: sql`u.requests`,
    tokens_input: sql`u.tokens_input`,
    tokens_output: sql`u.tokens_output`,
    cost: sql`u.cost_nanos`,
  };
  const [up, down] = isBackwards ? [DOWN, UP] : [UP, DOWN];
  const rest = sql`u.date ${down}, u.api_key_id ${up}, ${bytes('u.model')} ${up}`;
  return { isByKey: by === 'key', by: sql`order by ${columns[by]} ${direction === 'asc' ? up : down}, ${rest}` };
}
