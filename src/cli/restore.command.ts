import { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { User } from '../auth/accounts/user.entity.js';
import { CHECK_COLUMN, SEALED_COLUMNS } from '../database/sealed-columns.js';
import { recountLogs } from '../gateway/request-logs/counts/recount-logs.mikro.js';
import { MikroLogDays } from '../gateway/request-logs/days/log-days.mikro.js';
import { AuditLog } from '../shared/audit.port.js';
import { CannotOpen, type Cipher } from '../shared/secrets/cipher.port.js';
import { dayOf } from '../shared/time/period.js';
import { type BackupHeader, type BackupRow, type DatabaseVersion, readBackup } from './backup-file.js';
import { type Command, CommandFailed } from './command.js';
import { type PortableRow, type PortableTable, portableTables, versionOf } from './portable-table.js';

const AT_ONCE = 200;

export const restore: Command = {
  name: 'restore',
  parameters: ['file'],
  summary: 'Put a backup into an empty database, of either kind.',
  async run(context, path) {
    await verify(path!, context.cipher());
    const orm = await context.part<MikroORM>(MikroORM);
    const audit = await context.part(AuditLog);
    const ours = await versionOf(orm);
    const rows = () => readBackup(path!, (header) => refuseOtherVersion(header, ours));
    const restored = await orm.em.fork().transactional(async (em) => {
      if ((await em.count(User)) > 0) {
        throw new CommandFailed('The database at DATABASE_URL has users. Restore into an empty one.');
      }
      const count = await new Restoration(em as SqlEntityManager, portableTables(orm)).run(rows);
      await audit.record({ action: 'database.restored', target: 'database', actor: 'operator' });
      return count;
    });
    return `${restored} rows were restored from ${path}.`;
  },
};

/** Reads the file to its end before anything is written: it must be whole, and every secret in it readable. */
async function verify(path: string, cipher: Cipher): Promise<void> {
  for await (const { table, row } of readBackup(path, () => {})) refuseUnreadable(table, row, cipher);
}

function refuseUnreadable(table: string, row: PortableRow, cipher: Cipher): void {
  for (const { column } of [...SEALED_COLUMNS, CHECK_COLUMN].filter((place) => place.table === table)) {
    const [id, sealed] = [row.id, row[column]];
    try {
      if (typeof sealed === 'string') cipher.open(sealed, { table, id: Number(id), column });
    } catch (error) {
      if (!(error instanceof CannotOpen)) throw error;
      throw new CommandFailed(
        `ENCRYPTION_KEY cannot open this backup (${table} row ${String(id)}). Set the key that the service had when it ` +
          'was taken, or add it to ENCRYPTION_KEYS_PREVIOUS.',
      );
    }
  }
}

function refuseOtherVersion(theirs: BackupHeader, ours: DatabaseVersion): void {
  const isNewer = namesIn(theirs, ours).some((name) => !namesIn(ours, theirs).includes(name));
  const isOlder = namesIn(ours, theirs).some((name) => !namesIn(theirs, ours).includes(name));
  if (isNewer) {
    throw new CommandFailed('The backup was taken by a newer version of the service. Restore it with that version.');
  }
  if (isOlder) {
    throw new CommandFailed(
      'The backup was taken by an older version of the service. Restore it with that version, then start this one on it.',
    );
  }
}

/** What tells versions apart: columns, and between two databases of a kind also what has been done to them. */
function namesIn({ database, tables, migrations }: DatabaseVersion, other: DatabaseVersion): string[] {
  const columns = Object.entries(tables).flatMap(([table, names]) => names.map((name) => `${table}.${name}`));
  return database === other.database ? [...columns, ...migrations] : columns;
}

/** Puts the rows of a backup in place of whatever an empty database has. */
class Restoration {
  private count = 0;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly tables: readonly PortableTable[],
  ) {}

  async run(rows: () => AsyncIterable<BackupRow>): Promise<number> {
    for (const table of this.tables.toReversed()) await table.removeAll(this.em);
    await this.insert(rows());
    await this.connect(rows());
    await recountLogs(this.em);
    for (const table of this.tables) await table.continueNumbers(this.em);
    return this.count;
  }

  private async insert(rows: AsyncIterable<BackupRow>): Promise<void> {
    let batch: BackupRow[] = [];
    for await (const one of rows) {
      if (one.table !== batch[0]?.table || batch.length >= AT_ONCE) {
        await this.insertBatch(batch);
        batch = [];
      }
      batch.push(one);
    }
    await this.insertBatch(batch);
  }

  private async insertBatch(batch: readonly BackupRow[]): Promise<void> {
    if (!batch[0]) return;
    const table = this.named(batch[0].table);
    if (table.name === 'request_logs') await this.makeRoomFor(batch);
    const late = Object.fromEntries(this.lateColumns(table).map((column) => [column, null]));
    await table.insert(
      this.em,
      batch.map(({ row }) => ({ ...row, ...late })),
    );
    this.count += batch.length;
  }

  /** Rows of the log go to where the service would have put them. */
  private async makeRoomFor(batch: readonly BackupRow[]): Promise<void> {
    const logDays = new MikroLogDays(this.em);
    const days = new Set(batch.map(({ row }) => dayOf(new Date(String(row.created_at)))));
    for (const day of await logDays.missing([...days])) await logDays.makeRoom(day);
  }

  /** A row may name one that comes after it: that is filled in when all are there. */
  private async connect(rows: AsyncIterable<BackupRow>): Promise<void> {
    for await (const { table: name, row } of rows) {
      const table = this.named(name);
      const columns = this.lateColumns(table).filter((column) => row[column] !== null);
      if (columns.length > 0) await table.update(this.em, row, columns);
    }
  }

  private lateColumns(table: PortableTable): string[] {
    return this.tables.slice(this.tables.indexOf(table)).flatMap((later) => table.columnsTo(later));
  }

  private named(name: string): PortableTable {
    const table = this.tables.find((candidate) => candidate.name === name);
    if (!table) throw new CommandFailed(`The backup has a table that this version does not know: ${name}.`);
    return table;
  }
}
