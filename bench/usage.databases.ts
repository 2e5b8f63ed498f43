// Throw-away databases to fill: SQLite always, PostgreSQL where TEST_POSTGRES_URL names a server.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

export interface BenchDatabase {
  name: string;
  url: string;
  remove(): Promise<void>;
}

export async function databases(): Promise<BenchDatabase[]> {
  const folder = mkdtempSync(join(tmpdir(), 'monitor-bench-'));
  const sqlite = {
    name: 'SQLite',
    url: `sqlite:${join(folder, 'monitor.db')}`,
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
  const server = process.env.TEST_POSTGRES_URL;
  return server ? [sqlite, await onPostgres(server)] : [sqlite];
}

async function onPostgres(server: string): Promise<BenchDatabase> {
  const database = `monitor_bench_${process.pid}`;
  const url = new URL(server);
  url.pathname = `/${database}`;
  const onServer = async (sql: string) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await onServer(`create database ${database}`);
  return {
    name: 'PostgreSQL',
    url: url.href,
    remove: () => onServer(`drop database if exists ${database} with (force)`),
  };
}
