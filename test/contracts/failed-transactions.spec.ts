import { setTimeout as pause } from 'node:timers/promises';
import { SqlEntityManager } from '@mikro-orm/sql';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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
    vi.useRealTimers();
    vi.restoreAllMocks();
    await app[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const em = () => app.nest.get(SqlEntityManager, { strict: false });
  const run = (work: () => Promise<unknown>) => app.nest.get(UnitOfWork, { strict: false }).run(work);
  const insert = (name: string, id = 2) => em().execute(INSERT, [id, name]);
  /** From now on a writer that waits does so for as long as the test wants: its patience is measured by the clock. */
  const stopTheClock = () => vi.useFakeTimers({ toFake: ['Date'] });
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

  /** As another process would. Whatever the app has begun by itself may end first. */
  async function holdTheFile(): Promise<Database.Database> {
    const other = new Database(database.url.replace('sqlite:', ''), { timeout: 0 });
    await expect.poll(() => other.exec('begin immediate')).toBe(other);
    return other;
  }

  it.skipIf(dialect !== 'sqlite')('wait while another process holds the file, and go on afterwards', async () => {
    const other = await holdTheFile();
    stopTheClock();
    const tries = vi.spyOn(em(), 'transactional');
    const writes = ['a', 'b', 'c'].map((name, index) => run(() => insert(name, index + 2)));
    await expect.poll(() => tries.mock.calls.length).toBeGreaterThan(9);
    other.exec('commit');
    await Promise.all(writes);
    expect(await names()).toEqual(['a', 'b', 'c']);
    other.close();
  });

  it.skipIf(dialect !== 'sqlite')('do not keep a second process from starting', async () => {
    const other = await holdTheFile();
    other.exec('delete from encryption_check');
    stopTheClock();
    const starting = startApp({ databaseUrl: database.url });
    const first = await Promise.race([starting, pause(300, 'it waits')]);
    other.exec('commit');
    await using second = await starting;
    expect(first).toBe('it waits');
    expect((await fetch(`${second.url}/health`)).status).toBe(200);
    other.close();
  });

  it.skipIf(dialect !== 'sqlite')('are refused, and nothing hangs, when the file stays locked', async () => {
    const other = await holdTheFile();
    stopTheClock();
    const tries = vi.spyOn(em(), 'transactional');
    const write = run(() => insert('a')).catch(({ code }: { code: string }) => code);
    await expect.poll(() => tries.mock.calls.length).toBeGreaterThan(3);
    vi.setSystemTime(Date.now() + 5_000);
    expect(await write).toBe('overloaded');
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
      const asleep = `select 1 from pg_stat_activity where datname = '${name}' and wait_event = 'PgSleep'`;
      const sleepers = async () => (await onPostgres(asleep)).length;
      for (let round = 0; round < 3; round++) {
        const cut = Array.from({ length: 10 }, () =>
          run(async () => {
            await em().execute('select pg_sleep(600)');
          }).catch(() => 'cut'),
        );
        await expect.poll(sleepers).toBe(10);
        await onPostgres(dropAll);
        expect(await Promise.all(cut)).toEqual(Array.from({ length: 10 }, () => 'cut'));
      }
      await run(() => insert('kept'));
      expect(await names()).toEqual(['kept']);
    },
  );
});
