import { MikroORM } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseOptions } from './mikro-orm.config.js';
import { openDatabase } from './sqlite.dialect.js';

describe('a SQLite connection', () => {
  it('prepares a statement with parameters once, however many others come in between', () => {
    const database = openDatabase(':memory:');
    const statement = database.prepare('select ? as one');
    for (let value = 0; value < 2_000; value++) database.prepare(`select ${value} as one`);
    expect(database.prepare('select ? as one')).toBe(statement);
    database.close();
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
