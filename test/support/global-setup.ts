import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MikroORM } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import type { TestProject } from 'vitest/node';
import { databaseOptions } from '../../src/database/mikro-orm.config.js';
import { onPostgres, postgresUrl } from './database.ts';
import { CHROMIUM, HAPROXY, PGBOUNCER, POSTGRES_URL, REDIS_URL } from './services.ts';

declare module 'vitest' {
  interface ProvidedContext {
    sqliteTemplate: string;
    postgresTemplate: string;
  }
}

/** Migrates one database of each kind; every test starts from a copy. Says what cannot be tested here. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const migrated = async (url: string) => {
    const orm = await MikroORM.init(databaseOptions(url));
    await (orm.migrator as Migrator).up();
    await orm.close();
  };

  const folder = mkdtempSync(join(tmpdir(), 'monitor-template-'));
  const sqliteTemplate = join(folder, 'template.db');
  await migrated(`sqlite:${sqliteTemplate}`);
  project.provide('sqliteTemplate', sqliteTemplate);

  const postgresTemplate = `monitor_template_${process.pid}`;
  if (POSTGRES_URL) {
    await onPostgres(`drop database if exists ${postgresTemplate}`);
    await onPostgres(`create database ${postgresTemplate}`);
    await migrated(postgresUrl(postgresTemplate));
  }
  project.provide('postgresTemplate', postgresTemplate);

  sayWhatIsLeftOut();
  return async () => {
    rmSync(folder, { recursive: true, force: true });
    if (POSTGRES_URL) await onPostgres(`drop database if exists ${postgresTemplate} with (force)`);
  };
}

function sayWhatIsLeftOut(): void {
  const missing = [
    !POSTGRES_URL && 'PostgreSQL (set TEST_POSTGRES_URL)',
    !REDIS_URL && 'Redis (set TEST_REDIS_URL)',
    !CHROMIUM && 'Chromium (install it at /usr/bin/chromium)',
    !HAPROXY && 'HAProxy (install it at /usr/sbin/haproxy)',
    !PGBOUNCER && 'PgBouncer (install it at /usr/sbin/pgbouncer)',
  ].filter(Boolean);
  if (missing.length > 0) console.log(`Left out here, because it is not reachable: ${missing.join(', ')}.`);
}
