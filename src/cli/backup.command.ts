import { existsSync } from 'node:fs';
import { IsolationLevel, type MikroORM } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { type BackupRow, headerOf, type RowCounts, writeBackup } from './backup-file.js';
import { type Command, CommandFailed } from './command.js';
import type { OperatorContext } from './operator-context.js';
import { type PortableTable, portableTables, versionOf } from './portable-table.js';

export const backup: Command = {
  name: 'backup',
  parameters: ['file'],
  summary:
    'Write everything to a new file, beside the running service. Keep ENCRYPTION_KEY elsewhere: it is not in it.',
  async run(context, path) {
    if (existsSync(path!)) throw new CommandFailed(`${path} exists already. Choose another name, or move it away.`);
    const orm = await databaseOf(context);
    const tables = portableTables(orm);
    const header = headerOf({
      created_at: new Date().toISOString(),
      encryption_key_id: context.cipher().keyId,
      ...(await versionOf(orm)),
    });
    // One moment of the database, however long it takes to write down, and nobody has to wait for it.
    const counts = await orm.em
      .fork()
      .transactional((em) => writeBackup(path!, header, rowsOf(tables, em as SqlEntityManager)), {
        isolationLevel: IsolationLevel.REPEATABLE_READ,
        readOnly: true,
      });
    return `${path} holds ${totalOf(counts)} rows of ${tables.length} tables.`;
  },
};

export function totalOf(counts: RowCounts): number {
  return Object.values(counts).reduce((total, rows) => total + rows, 0);
}

async function databaseOf(context: OperatorContext): Promise<MikroORM> {
  const { config } = context;
  const path = config.usesSqlite ? config.DATABASE_URL.slice('sqlite:'.length) : undefined;
  if (path && !existsSync(path)) throw new CommandFailed('There is no database at DATABASE_URL yet.');
  const orm = await context.database();
  const pending = await (orm.migrator as Migrator).getPending();
  if (pending.length === 0) return orm;
  throw new CommandFailed('The database at DATABASE_URL is of an older version. Start this version on it first.');
}

async function* rowsOf(tables: PortableTable[], em: SqlEntityManager): AsyncGenerator<BackupRow> {
  for (const table of tables) {
    for await (const row of table.rows(em)) yield { table: table.name, row };
  }
}
