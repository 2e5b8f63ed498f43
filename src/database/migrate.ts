import type { MikroORM } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import pg from 'pg';
import type { Cipher } from '../shared/secrets/cipher.port.js';
import type { Config } from '../shared/config.js';
import { markAsOurs, refuseForeignDatabase } from './encryption-check.js';
import { withoutHurry } from './impatient-client.js';
import { CONNECT_TIMEOUT_MS } from './mikro-orm.config.js';
import { whenNotBusy } from './unit-of-work.mikro.js';

/** Any number, as long as every instance takes the same. */
const MIGRATION_LOCK = 7_261_534;

/**
 * Brings the database to the newest schema, after making sure that it is encrypted with our key.
 * Instances that start together wait for each other.
 */
export async function migrate(orm: MikroORM, config: Config, cipher: Cipher): Promise<void> {
  const release = config.usesSqlite ? async () => {} : await lockPostgres(config.DATABASE_URL);
  try {
    const migrator = orm.migrator as Migrator;
    const executed = await migrator.getExecuted();
    await refuseForeignDatabase(orm.em, cipher, executed.length > 0);
    await whenNotBusy(() => withoutHurry(() => migrator.up()));
    await whenNotBusy(() => markAsOurs(orm.em, cipher));
  } finally {
    await release();
  }
}

/** The lock lives as long as its connection, so an instance that dies while migrating does not hold up the others. */
async function lockPostgres(connectionString: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true });
  // Without its connection there is no lock to give back; what is being done fails by itself if PostgreSQL is away.
  client.on('error', () => {});
  await client.connect();
  // Of a transaction, not of the session: a pooler such as PgBouncer gives the session to others, lock and all.
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  return () => client.end().catch(() => undefined);
}
