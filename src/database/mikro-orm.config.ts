import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defineConfig as definePostgresConfig, type Options as PostgresOptions } from '@mikro-orm/postgresql';
import { defineConfig as defineSqliteConfig, type Options as SqliteOptions } from '@mikro-orm/sqlite';
import type { Options } from '@mikro-orm/core';
import { Migrator, TSMigrationGenerator } from '@mikro-orm/migrations';
import { SqliteMigrationGenerator } from './migration-generator.js';
import type { DatabaseConnection } from 'kysely';
import { outliveFailedTransactions } from './failed-transactions.js';
import { keyPartitions } from './partitioned-tables.js';
import { currentEntityManager } from './request-scope.js';
import { ImpatientClient } from './impatient-client.js';
import { MonitorSqliteDialect } from './sqlite.dialect.js';
import { tables } from './tables.js';

/** Where compiled (or, in tests, source) migrations are, from this file. */
const MIGRATIONS = join(import.meta.dirname, '../../migrations');

export const CONNECT_TIMEOUT_MS = 10_000;

/** How MikroORM reaches the database behind a DATABASE_URL. A SQLite file's folder is made if it is not there, for nobody else. */
export function databaseOptions(databaseUrl: string): Options {
  const options = databaseUrl.startsWith('sqlite:')
    ? sqliteOptions(databaseUrl.slice('sqlite:'.length))
    : postgresOptions(databaseUrl);
  // Each dialect has types of its own; the service speaks to both through MikroORM's common ones.
  return options as Options;
}

function sqliteOptions(path: string): SqliteOptions {
  if (path !== ':memory:') makeFolder(dirname(path));
  return defineSqliteConfig({
    ...common('sqlite'),
    dbName: path,
    driverOptions: new MonitorSqliteDialect(path),
  });
}

/** Not `recursive`, with which Node tries for ever where a parent takes no folder, as below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    // Another instance that starts at the same time may have been faster.
    if (!existsSync(path)) throw error;
  }
}

function postgresOptions(clientUrl: string): PostgresOptions {
  return definePostgresConfig({
    ...common('postgres'),
    clientUrl,
    pool: { min: 0, max: 10 },
    discovery: { onMetadata: keyPartitions },
    // A server that lets nobody in is as good as none: nobody waits for it without end.
    driverOptions: { connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true, Client: ImpatientClient },
    onCreateConnection: (connection) => outliveFailedTransactions(connection as DatabaseConnection),
  });
}

function common(dialect: 'sqlite' | 'postgres') {
  const folder = join(MIGRATIONS, dialect);
  return {
    entities: [...tables],
    extensions: [Migrator],
    context: currentEntityManager,
    forceUtcTimezone: true,
    // Migrations make the triggers, each dialect in its own words.
    schemaGenerator: { ignoreTriggers: true },
    // Queries are parameterised, but parameters can be secrets: nothing of them may reach a log.
    debug: false,
    logger: () => {},
    migrations: {
      path: folder,
      pathTs: folder,
      emit: 'ts' as const,
      // Only `npm run migration:create` compares with the snapshot and writes it; running migrations leaves it alone.
      snapshot: false,
      snapshotName: 'snapshot',
      allOrNothing: true,
      disableForeignKeys: false,
      generator: dialect === 'sqlite' ? SqliteMigrationGenerator : TSMigrationGenerator,
    },
  };
}
