// Tables filled with millions of rows: without what is kept up row by row, which is made anew at the end in one go.
import { type SqlEntityManager, SqlitePlatform } from '@mikro-orm/sql';

/** How to take something off a table, and how to put it back. */
interface Part {
  off: string;
  on: string;
}

/** A part of the built service. */
export const dist = <T>(path: string) => import(new URL(`../dist/src/${path}`, import.meta.url).href) as Promise<T>;

export function isSqlite(em: SqlEntityManager): boolean {
  return em.getPlatform() instanceof SqlitePlatform;
}

/** Whole numbers from one to another, as something to select from; the column is `n`. */
export function numbers(em: SqlEntityManager, name: string, first: number, last: number): string {
  return isSqlite(em)
    ? `(with recursive n(n) as (select ${first} union all select n + 1 from n where n < ${last}) select n from n) ${name}`
    : `generate_series(${first}::bigint, ${last}::bigint) ${name}(n)`;
}

/** Runs `fill` while the tables have no indexes, foreign keys and triggers. Nobody else may use the database meanwhile. */
export async function fillInBulk(em: SqlEntityManager, tables: string[], fill: () => Promise<void>): Promise<void> {
  const parts: Part[] = [];
  for (const table of tables) parts.push(...(await (isSqlite(em) ? partsOnSqlite : partsOnPostgres)(em, table)));
  for (const { off } of parts) await em.execute(off);
  await fill();
  for (const { on } of parts.toReversed()) await em.execute(on);
}

async function partsOnSqlite(em: SqlEntityManager, table: string): Promise<Part[]> {
  const made = await em.execute<{ type: string; name: string; sql: string }[]>(
    `select type, name, sql from sqlite_master
     where tbl_name = '${table}' and type in ('index', 'trigger') and sql is not null`,
  );
  return made.map(({ type, name, sql }) => ({ off: `drop ${type} ${name}`, on: sql }));
}

async function partsOnPostgres(em: SqlEntityManager, table: string): Promise<Part[]> {
  const constraints = await em.execute<{ name: string; definition: string }[]>(
    `select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
     where conrelid = '${table}'::regclass and contype in ('f', 'u')`,
  );
  const indexes = await em.execute<{ name: string; definition: string }[]>(
    `select cast(indexrelid::regclass as text) as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid = '${table}'::regclass and indexrelid not in (select conindid from pg_constraint)`,
  );
  return [
    { off: `alter table ${table} disable trigger user`, on: `alter table ${table} enable trigger user` },
    ...constraints.map(({ name, definition }) => ({
      off: `alter table ${table} drop constraint ${name}`,
      on: `alter table ${table} add constraint ${name} ${definition}`,
    })),
    // PostgreSQL tells the index of a partitioned table without those of its parts.
    ...indexes.map(({ name, definition }) => ({
      off: `drop index ${name}`,
      on: definition.replace(' ON ONLY ', ' ON '),
    })),
  ];
}
