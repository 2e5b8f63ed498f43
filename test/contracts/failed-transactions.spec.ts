import { SqlEntityManager } from '@mikro-orm/sql';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { startApp, type TestApp } from '../support/app.ts';
import { newDatabase, onPostgres, type TestDatabase } from '../support/database.ts';
import { DIALECTS, POSTGRES_URL } from '../support/services.ts';

/** Into the smallest table there is; the service has written row 1. */
const INSERT = 'insert into encryption_check (id, sealed) values (?, ?)';

describe.each(DIALECTS)('units of work on %s', (dialect) => {
  let database: TestDatabase;
  let app: TestApp;
  beforeEach(async () => {
    database = await newDatabase(dialect);
    app = await startApp({ databaseUrl: database.url });
  });
  afterEach(async () => {
    await app[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const em = () => app.nest.get(SqlEntityManager, { strict: false });
  const run = (work: () => Promise<unknown>) => app.nest.get(UnitOfWork, { strict: false }).run(work);
  const insert = (name: string, id = 2) => em().execute(INSERT, [id, name]);
  const names = async () => {
    const rows = await em().fork().execute('select sealed from encryption_check where id > 1 order by id');
    return rows.map(({ sealed }) => sealed);
  };

  it('take nothing away from the next ones when they fail', async () => {
    for (let count = 0; count < 15; count++) {
      await expect(
        run(async () => {
          await insert(`lost ${count}`);
          throw new Error('changed my mind');
        }),
      ).rejects.toThrow('changed my mind');
    }
    await run(() => insert('kept'));
    expect(await names()).toEqual(['kept']);
  });

  it.skipIf(dialect !== 'sqlite')('wait while another process holds the file, and go on afterwards', async () => {
    const other = new Database(database.url.replace('sqlite:', ''));
    other.exec('begin immediate');
    const writes = ['a', 'b', 'c'].map((name, index) => run(() => insert(name, index + 2)));
    setTimeout(() => other.exec('commit'), 300);
    await Promise.all(writes);
    expect(await names()).toEqual(['a', 'b', 'c']);
    other.close();
  });

  it.skipIf(dialect !== 'sqlite')('do not keep a second process from starting', async () => {
    const other = new Database(database.url.replace('sqlite:', ''));
    other.exec('delete from encryption_check');
    other.exec('begin immediate');
    setTimeout(() => other.exec('commit'), 300);
    await using second = await startApp({ databaseUrl: database.url });
    expect((await fetch(`${second.url}/health`)).status).toBe(200);
    other.close();
  });

  it.skipIf(dialect !== 'sqlite')('are refused, and nothing hangs, when the file stays locked', async () => {
    const other = new Database(database.url.replace('sqlite:', ''));
    other.exec('begin immediate');
    await expect(run(() => insert('a'))).rejects.toMatchObject({ code: 'overloaded' });
    expect(await names()).toEqual([]);
    other.exec('commit');
    other.close();
    await run(() => insert('b'));
    expect(await names()).toEqual(['b']);
  });

  it.skipIf(dialect !== 'postgres' || !POSTGRES_URL)(
    'go on after the server has dropped every connection',
    async () => {
      const name = new URL(database.url).pathname.slice(1);
      const dropAll = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`;
      for (let round = 0; round < 3; round++) {
        const cut = Array.from({ length: 10 }, () =>
          run(async () => {
            await em().execute('select pg_sleep(0.5)');
          }).catch(() => 'cut'),
        );
        await new Promise((resolve) => setTimeout(resolve, 200));
        await onPostgres(dropAll);
        expect(await Promise.all(cut)).toEqual(Array.from({ length: 10 }, () => 'cut'));
      }
      await run(() => insert('kept'));
      expect(await names()).toEqual(['kept']);
    },
  );
});
