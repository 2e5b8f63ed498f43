import { MikroORM } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import { Kysely, sql } from 'kysely';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseOptions } from './mikro-orm.config.js';
import { MonitorSqliteDialect, openDatabase } from './sqlite.dialect.js';

describe('a SQLite connection', () => {
  it('prepares a statement with parameters once, however many others come in between', () => {
    const database = openDatabase(':memory:');
    const statement = database.prepare('select ? as one');
    for (let value = 0; value < 2_000; value++) database.prepare(`select ${value} as one`);
    expect(database.prepare('select ? as one')).toBe(statement);
    database.close();
  });

  it('plans a question once, whatever is asked for', async () => {
    const database = new Kysely<unknown>({ dialect: new MonitorSqliteDialect(':memory:') });
    await sql`create table things (a, b)`.execute(database);
    await sql`create index by_a on things (a)`.execute(database);
    await sql`create index by_b on things (b)`.execute(database);
    // Almost all have the same a or the same b, so that whoever knows what is asked for takes the other index.
    await sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
      insert into things select case when i < 1000 then 0 else i end, case when i < 1000 then i else 0 end from n`.execute(
      database,
    );
    await sql`analyze`.execute(database);
    const planOf = async (a: number, b: number) => {
      const plan = sql<{ detail: string }>`explain query plan select * from things where a = ${a} and b = ${b}`;
      return (await plan.execute(database)).rows.map(({ detail }) => detail);
    };
    expect(await planOf(0, 500)).toEqual(await planOf(1500, 0));
    await database.destroy();
  });
});

describe('a SQLite file', () => {
  let folder: string;
  let umask: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'monitor-'));
    umask = process.umask(0o022);
  });
  afterEach(() => {
    process.umask(umask);
    rmSync(folder, { recursive: true, force: true });
  });
  const rightsOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

  it('is made with its folder and its log for nobody else to read', async () => {
    const data = join(folder, 'some/data');
    const orm = await MikroORM.init(databaseOptions(`sqlite:${join(data, 'monitor.db')}`));
    await (orm.migrator as Migrator).up();
    const files = readdirSync(data).toSorted();
    expect(files).toEqual(['monitor.db', 'monitor.db-shm', 'monitor.db-wal']);
    expect(files.map((file) => rightsOf(join(data, file)))).toEqual(['600', '600', '600']);
    expect([rightsOf(join(folder, 'some')), rightsOf(data)]).toEqual(['700', '700']);
    await orm.close();
  });

  it('that is there keeps the rights that its owner gave it', () => {
    const path = join(folder, 'monitor.db');
    writeFileSync(path, '', { mode: 0o640 });
    openDatabase(path).close();
    expect(rightsOf(path)).toBe('640');
  });
});
