import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { type Dialect, POSTGRES_URL } from './services.ts';

/** A database of one test, with all tables and nothing in them. */
export interface TestDatabase extends AsyncDisposable {
  url: string;
}

/** Makes one from the template that global-setup.ts has migrated, so that it costs milliseconds. */
export async function newDatabase(dialect: Dialect): Promise<TestDatabase> {
  return dialect === 'sqlite' ? newSqliteFile() : newPostgresDatabase(inject('postgresTemplate'));
}

function newSqliteFile(): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'monitor-'));
  const path = join(folder, 'monitor.db');
  copyFileSync(inject('sqliteTemplate'), path);
  return {
    url: `sqlite:${path}`,
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function newPostgresDatabase(template: string): Promise<TestDatabase> {
  const name = `monitor_test_${randomBytes(8).toString('hex')}`;
  await onPostgres(`create database ${name} template ${template}`);
  return {
    url: postgresUrl(name),
    [Symbol.asyncDispose]: async () => void (await onPostgres(`drop database if exists ${name} with (force)`)),
  };
}

/** Runs one statement on the server itself and returns what it found. */
export async function onPostgres(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: POSTGRES_URL });
  await client.connect();
  try {
    return (await client.query<object>(sql)).rows;
  } finally {
    await client.end();
  }
}

export function postgresUrl(database: string): string {
  const url = new URL(POSTGRES_URL!);
  url.pathname = `/${database}`;
  return url.href;
}
