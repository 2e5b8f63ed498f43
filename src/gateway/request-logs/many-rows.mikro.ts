import type { SqlEntityManager } from '@mikro-orm/sql';
import { CompiledQuery } from 'kysely';
import { isSqlite } from '../../database/dialect.js';

const ROWS_AT_ONCE = 100;

type Value = string | number | bigint | boolean | Date | null;

/** What an `insert` consists of besides its values. */
export interface Insert {
  table: string;
  columns: readonly string[];
  /** `on conflict …`, if there can be one. */
  onConflict?: string;
}

/**
 * Inserts rows in few statements whose text depends on the number of rows alone, so that they are prepared once: MikroORM
 * writes the values into the text.
 */
export async function insertMany(em: SqlEntityManager, insert: Insert, rows: readonly Value[][]): Promise<void> {
  const kysely = em.getKysely();
  const onSqlite = isSqlite(em);
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const some = rows.slice(start, start + ROWS_AT_ONCE);
    const values = some.flat().map((value) => (onSqlite ? sqliteValue(value) : value));
    await kysely.executeQuery(CompiledQuery.raw(textOf(insert, some.length, onSqlite), values));
  }
}

function textOf({ table, columns, onConflict = '' }: Insert, rows: number, onSqlite: boolean): string {
  let number = 0;
  const row = () => `(${columns.map(() => (onSqlite ? '?' : `$${++number}`)).join(', ')})`;
  const values = Array.from({ length: rows }, row).join(', ');
  return `insert into ${table} (${columns.join(', ')}) values ${values} ${onConflict}`;
}

/** As MikroORM stores it: instants as milliseconds, yes and no as 1 and 0. */
function sqliteValue(value: Value): Value {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'boolean' ? Number(value) : value;
}
