import { type EntityMetadata, type EntityProperty, type MikroORM, ReferenceKind } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { isSqlite } from '../database/dialect.js';
import type { DatabaseVersion } from './backup-file.js';

/** A row as JSON that both databases understand: instants in ISO 8601, large numbers as text. */
export type PortableRow = Record<string, unknown>;

const PAGE = 500;

/** A table, as rows that can be moved between the databases. */
export class PortableTable {
  readonly name: string;
  readonly columns: readonly string[];
  private readonly keys: EntityProperty[];

  constructor(private readonly meta: EntityMetadata) {
    this.name = meta.tableName;
    this.columns = this.stored.map(columnOf);
    this.keys = meta.primaryKeys.map((key) => meta.properties[key]!);
  }

  /** Its columns that name rows of `table`. */
  columnsTo(table: PortableTable): string[] {
    return this.stored.filter(({ targetMeta }) => targetMeta?.tableName === table.name).map(columnOf);
  }

  /** All rows by primary key, a few at a time. */
  async *rows(em: SqlEntityManager): AsyncGenerator<PortableRow> {
    const orderBy = this.keys.map(({ name }) => ({ [name]: 'asc' as const }));
    for (let last: Record<string, unknown> | undefined; ;) {
      const where = last ? this.comesAfter(last) : {};
      const options = { orderBy, limit: PAGE, disableIdentityMap: true };
      const page = await em.find<Record<string, unknown>>(this.meta.class, where, options);
      for (const entity of page) yield this.toPortable(entity);
      if (page.length < PAGE) return;
      last = page.at(-1);
    }
  }

  async insert(em: SqlEntityManager, rows: readonly PortableRow[]): Promise<void> {
    if (rows.length > 0)
      await em.insertMany(
        this.meta.class,
        rows.map((row) => this.fromPortable(row)),
      );
  }

  /** Fills in columns of a row that is there. */
  async update(em: SqlEntityManager, row: PortableRow, columns: readonly string[]): Promise<void> {
    const values = this.fromPortable(row);
    const changes = this.stored.filter((property) => columns.includes(columnOf(property)));
    await em.nativeUpdate(
      this.meta.class,
      Object.fromEntries(this.keys.map(({ name }) => [name, values[name]])),
      Object.fromEntries(changes.map(({ name }) => [name, values[name]])),
    );
  }

  async removeAll(em: SqlEntityManager): Promise<void> {
    await em.nativeDelete(this.meta.class, {});
  }

  /** PostgreSQL counts ids apart from the rows: the next one must come after those that were put in. */
  async continueNumbers(em: SqlEntityManager): Promise<void> {
    const key = this.keys.find(({ autoincrement }) => autoincrement);
    if (!key || isSqlite(em)) return;
    const column = columnOf(key);
    await em.execute(
      `select setval(pg_get_serial_sequence(?, ?), coalesce(max(${column}), 1), max(${column}) is not null) from ${this.name}`,
      [this.name, column],
    );
  }

  /** The rows behind one of them, in the order of the primary key: equal in its first columns, greater in the next. */
  private comesAfter(last: Record<string, unknown>): object {
    const equal = (keys: EntityProperty[]) => Object.fromEntries(keys.map(({ name }) => [name, last[name]]));
    const first = this.keys[0]!.name;
    return {
      // Said apart, because no database begins to read an index at one of several conditions.
      [first]: { $gte: last[first] },
      $or: this.keys.map(({ name }, index) => ({ ...equal(this.keys.slice(0, index)), [name]: { $gt: last[name] } })),
    };
  }

  private get stored(): EntityProperty[] {
    return this.meta.props.filter(({ persist }) => persist !== false);
  }

  private toPortable(entity: Record<string, unknown>): PortableRow {
    return Object.fromEntries(this.stored.map((property) => [columnOf(property), portable(entity[property.name])]));
  }

  private fromPortable(row: PortableRow): Record<string, unknown> {
    return Object.fromEntries(
      this.stored.map((property) => [property.name, restored(row[columnOf(property)], property)]),
    );
  }
}

/** What is made of the other tables when they are restored: usage by triggers, the log by counting it anew. */
const isDerived = (table: string) => table.startsWith('usage_sums_') || table === 'request_log_counts';

/** Every table of the service that says something of its own, each after those that its rows name. */
export function portableTables(orm: MikroORM): PortableTable[] {
  const every = [...orm.getMetadata().getAll().values()].filter(({ tableName }) => !isDerived(tableName));
  const all = new Map(every.map((meta) => [meta.tableName, meta]));
  const ordered = new Set<string>();
  const visit = (name: string, path: string[]) => {
    if (ordered.has(name) || path.includes(name)) return;
    for (const { kind, targetMeta } of all.get(name)!.relations) {
      if (kind === ReferenceKind.MANY_TO_ONE && targetMeta) visit(targetMeta.tableName, [...path, name]);
    }
    ordered.add(name);
  };
  for (const name of [...all.keys()].toSorted()) visit(name, []);
  return [...ordered].map((name) => new PortableTable(all.get(name)!));
}

/** What tells this database apart from one of another version. */
export async function versionOf(orm: MikroORM): Promise<DatabaseVersion> {
  const executed = await (orm.migrator as Migrator).getExecuted();
  return {
    database: isSqlite(orm.em as SqlEntityManager) ? 'sqlite' : 'postgresql',
    migrations: executed.map(({ name }) => name),
    tables: Object.fromEntries(portableTables(orm).map(({ name, columns }) => [name, columns])),
  };
}

function columnOf({ fieldNames }: EntityProperty): string {
  return fieldNames[0]!;
}

function portable(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return value.toString();
  return value ?? null;
}

function restored(value: unknown, { runtimeType }: EntityProperty): unknown {
  if (typeof value !== 'string') return value ?? null;
  if (runtimeType === 'Date') return new Date(value);
  return runtimeType === 'bigint' ? BigInt(value) : value;
}
