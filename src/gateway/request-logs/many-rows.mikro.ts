import type { SqlEntityManager } from '@mikro-orm/sql';
import { CompiledQuery } from 'kysely';
import { isSqlite } from '../../database/dialect.js';

const ROWS_AT_ONCE = 100;

export type Value = string | number | bigint | boolean | Date | null;

/**
 * Inserts rows of one table, or removes them, in few statements whose text depends on the number of rows alone, so that they
 * are written and prepared once: MikroORM writes the values into the text.
 */
export class ManyRows {
  private readonly texts = new Map<string, string>();

  constructor(
    private readonly columns: number,
    /** The statement around `(…), (…)`. */
    private readonly around: (rows: string) => string,
    /** PostgreSQL's names for the columns' types, where it cannot tell them from the statement. */
    private readonly types: readonly string[] = [],
  ) {}

  static into(table: string, columns: readonly string[], onConflict = ''): ManyRows {
    return new ManyRows(
      columns.length,
      (rows) => `insert into ${table} (${columns.join(', ')}) values ${rows} ${onConflict}`,
    );
  }

  /** A row's values stand in the order of the columns. */
  async write(em: SqlEntityManager, rows: readonly Value[][]): Promise<void> {
    const kysely = em.getKysely();
    const onSqlite = isSqlite(em);
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
      const some = rows.slice(start, start + ROWS_AT_ONCE);
      const values: Value[] = [];
      for (const row of some) for (const value of row) values.push(onSqlite ? sqliteValue(value) : value);
      await kysely.executeQuery(CompiledQuery.raw(this.textFor(some.length, onSqlite), values));
    }
  }

  private textFor(rows: number, onSqlite: boolean): string {
    const name = `${rows} ${onSqlite}`;
    const known = this.texts.get(name);
    if (known) return known;
    const text = this.newText(rows, onSqlite);
    this.texts.set(name, text);
    return text;
  }

  private newText(rows: number, onSqlite: boolean): string {
    let number = 0;
    const place = (column: number) => (onSqlite ? '?' : `$${++number}${this.typeOf(column)}`);
    const row = () => `(${Array.from({ length: this.columns }, (_, column) => place(column)).join(', ')})`;
    return this.around(Array.from({ length: rows }, row).join(', '));
  }

  private typeOf(column: number): string {
    const type = this.types[column];
    return type ? `::${type}` : '';
  }
}

/** As MikroORM stores it: instants as milliseconds, yes and no as 1 and 0. */
function sqliteValue(value: Value): Value {
  if (typeof value === 'boolean') return Number(value);
  return value instanceof Date ? value.getTime() : value;
}
