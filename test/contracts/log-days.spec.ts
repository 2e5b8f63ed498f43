import { MikroORM } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import type { SqlEntityManager } from '@mikro-orm/sql';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { databaseOptions } from '../../src/database/mikro-orm.config.js';
import { MikroUnitOfWork } from '../../src/database/unit-of-work.mikro.js';
import { CleanUpLogs } from '../../src/gateway/request-logs/clean-up-logs.use-case.js';
import { recountLogs } from '../../src/gateway/request-logs/counts/recount-logs.mikro.js';
import { MikroLogDays } from '../../src/gateway/request-logs/days/log-days.mikro.js';
import { LogDayInUse } from '../../src/gateway/request-logs/days/log-days.port.js';
import { PrepareLogDays } from '../../src/gateway/request-logs/days/prepare-log-days.use-case.js';
import { RemoveLogDays } from '../../src/gateway/request-logs/days/remove-log-days.use-case.js';
import { MikroRequestLogRepository } from '../../src/gateway/request-logs/request-log.repository.mikro.js';
import type { LogFilter } from '../../src/gateway/request-logs/request-log.repository.js';
import type { Config } from '../../src/shared/config.js';
import { Pause } from '../../src/shared/time/pause.port.js';
import { ATTENDED_RUN } from '../../src/shared/task-run.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { FakePause } from '../fakes/pause.fake.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { loggedCall } from '../support/logged-call.ts';
import { DIALECTS } from '../support/services.ts';

const ALL: LogFilter = { clientKeyId: null, upstreamId: null, statusCode: null, model: null, from: null, to: null };
const NOON = '2026-06-17T12:00:00.000Z';

/** One instance of the service, as far as it keeps the log. */
class Instance implements AsyncDisposable {
  private constructor(
    readonly orm: MikroORM,
    readonly clock: FixedClock,
  ) {}

  static async on(url: string, clock = new FixedClock(NOON)): Promise<Instance> {
    return new Instance(await MikroORM.init({ ...databaseOptions(url), allowGlobalContext: true }), clock);
  }

  get em(): SqlEntityManager {
    return this.orm.em as SqlEntityManager;
  }
  get logs(): MikroRequestLogRepository {
    return new MikroRequestLogRepository(this.em);
  }
  get days(): MikroLogDays {
    return new MikroLogDays(this.em);
  }
  get unitOfWork(): MikroUnitOfWork {
    return new MikroUnitOfWork(this.em);
  }

  /** Returns the days that have no room. */
  async prepare(pause: Pause = new FakePause(new FixedClock()), signal?: AbortSignal): Promise<string[]> {
    const without = await new PrepareLogDays(this.days, this.clock, this.unitOfWork, pause).execute(signal);
    return without.map(({ day }) => day);
  }

  /** Keeps two days. */
  cleanUp(): Promise<object> {
    const pause = new FakePause(new FixedClock());
    const removeDays = new RemoveLogDays(this.days, this.unitOfWork, pause);
    const config = { LOG_RETENTION_DAYS: 2 } as Config;
    return new CleanUpLogs(this.logs, removeDays, config, this.clock, pause, this.unitOfWork).execute(ATTENDED_RUN);
  }

  append(...instants: string[]): Promise<void> {
    const calls = instants.map((instant) => loggedCall({ createdAt: new Date(instant) }));
    return this.unitOfWork.run(() => this.logs.append(calls));
  }

  /** When the calls of the log were made, oldest first, and that they are as many as are counted. */
  async instants(): Promise<string[]> {
    const { items, total } = await this.logs.page(ALL, 1, 10_000);
    if (items.length !== total) throw new Error(`${total} are counted, and ${items.length} are there.`);
    this.em.clear();
    return items.map(({ createdAt }) => createdAt.toISOString()).toReversed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.orm.close();
  }
}

describe.each(DIALECTS)('the days of the log in %s', (dialect) => {
  let database: TestDatabase;
  let instance: Instance;
  beforeEach(async () => {
    database = await newDatabase(dialect);
    instance = await Instance.on(database.url);
  });
  afterEach(async () => {
    await instance[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  it('#75 end with the millisecond that LOG_RETENTION_DAYS says, prepared or not', async () => {
    const kept = ['2026-06-15T12:00:00.000Z', '2026-06-16T00:00:00.000Z', '2026-06-17T11:59:59.999Z'];
    const old = ['2026-05-01T00:00:00.000Z', '2026-06-14T00:00:00.000Z', '2026-06-14T23:59:59.999Z'];
    instance.clock.set('2026-06-14T12:00:00.000Z');
    await instance.prepare();
    await instance.append(...kept, ...old, '2026-06-15T00:00:00.000Z', '2026-06-15T11:59:59.999Z');
    instance.clock.set(NOON);
    expect(await instance.cleanUp()).toEqual({ removed: 5 });
    expect(await instance.instants()).toEqual(kept);
    expect(await instance.cleanUp()).toEqual({ removed: 0 });
  });

  it('take every row, whatever its day', async () => {
    const instants = [
      '1999-12-31T23:59:59.999Z',
      '2026-06-16T23:59:59.999Z',
      '2026-06-17T00:00:00.000Z',
      '2031-01-01T00:00:00.000Z',
    ];
    await instance.append(...instants);
    await instance.prepare();
    await instance.append(...instants);
    expect(await instance.instants()).toEqual(instants.flatMap((one) => [one, one]));
  });

  describe.skipIf(dialect !== 'postgres')('as partitions', () => {
    const parts = async () => {
      const rows = await instance.em.execute<{ name: string; n: string }[]>(
        `select tableoid::regclass::text as name, count(*) as n from request_logs group by 1 order by 1`,
      );
      return Object.fromEntries(rows.map(({ name, n }) => [name.replace('request_logs_', ''), Number(n)]));
    };

    it('are made ahead, from yesterday on', async () => {
      await instance.prepare();
      expect(await instance.days.listBefore('9999-01-01')).toEqual([
        '2026-06-16',
        '2026-06-17',
        '2026-06-18',
        '2026-06-19',
        '2026-06-20',
      ]);
      instance.clock.set('2026-06-18T00:00:00.000Z');
      await instance.prepare();
      expect(await instance.days.listBefore('9999-01-01')).toContain('2026-06-21');
      await instance.append(NOON, '2026-06-18T12:00:00.000Z');
      expect(await parts()).toEqual({ '20260617': 1, '20260618': 1 });
    });

    it('are made once by instances that start together while others write', async () => {
      const others = await Promise.all(Array.from({ length: 3 }, () => Instance.on(database.url)));
      const written = Array.from({ length: 40 }, (_, index) =>
        new Date(Date.parse('2026-06-16T00:00:00Z') + index * 7_200_000).toISOString(),
      );
      await Promise.all([
        ...[instance, ...others].map((one) => one.prepare()),
        ...written.map((instant, index) => others[index % 3]!.append(instant)),
      ]);
      // Whoever had to give way to a writer makes the rest the next time.
      await instance.prepare();
      expect(
        await instance.days.missing(['2026-06-16', '2026-06-17', '2026-06-18', '2026-06-19', '2026-06-20']),
      ).toEqual([]);
      expect(await instance.instants()).toEqual(written);
      expect(await parts()).toEqual({ '20260616': 12, '20260617': 12, '20260618': 12, '20260619': 4 });
      for (const other of others) await other[Symbol.asyncDispose]();
    });

    it('are made as soon as a backup lets go of the log', async () => {
      const reader = new pg.Client({ connectionString: database.url });
      await reader.connect();
      await reader.query('begin; select 1 from request_logs');
      const days = ['2026-06-16', '2026-06-17', '2026-06-18', '2026-06-19', '2026-06-20'];
      expect(await instance.prepare(undefined, AbortSignal.abort())).toEqual(days);
      const ending = new (class extends Pause {
        async for(): Promise<void> {
          await reader.query('rollback');
        }
      })();
      expect(await instance.prepare(ending)).toEqual([]);
      expect(await instance.days.listBefore('9999-01-01')).toEqual(days);
      await reader.end();
    });

    it('take over the rows that came before them', async () => {
      await instance.append(NOON, '2026-06-18T12:00:00.000Z', '2026-06-30T12:00:00.000Z');
      expect(await parts()).toEqual({ rest: 3 });
      await instance.prepare();
      expect(await parts()).toEqual({ '20260617': 1, '20260618': 1, rest: 1 });
      expect(await instance.instants()).toEqual([NOON, '2026-06-18T12:00:00.000Z', '2026-06-30T12:00:00.000Z']);
    });

    it('leave a day where it is that has too many rows to be moved, and make the others', async () => {
      await instance.em.execute(
        `insert into request_logs (method, path, settlement, status_code, duration_ms, is_stream, created_at, settle_tries)
         select 'GET', '/', 'unknown', 200, 1, false, '${NOON}', 0 from generate_series(1, 10001)`,
      );
      await instance.em.transactional((em) => recountLogs(em as SqlEntityManager));
      expect(await instance.prepare()).toEqual(['2026-06-17']);
      await instance.append('2026-06-18T12:00:00.000Z');
      expect(await parts()).toEqual({ rest: 10_001, '20260618': 1 });
      instance.clock.set('2026-06-20T12:00:00.000Z');
      expect(await instance.cleanUp()).toEqual({ removed: 10_001 });
      expect(await instance.instants()).toEqual(['2026-06-18T12:00:00.000Z']);
    });

    it('are not made while so many rows have none that looking through them would take long', async () => {
      await instance.em.execute(
        `insert into request_logs (method, path, settlement, status_code, duration_ms, is_stream, created_at, settle_tries)
         select 'GET', '/', 'unknown', 200, 1, false, '2026-05-01T12:00:00.000Z', 0 from generate_series(1, 100001)`,
      );
      const days = ['2026-06-16', '2026-06-17', '2026-06-18', '2026-06-19', '2026-06-20'];
      expect(await instance.prepare()).toEqual(days);
      // As docs/scaling.md says.
      await instance.em.execute(`
        begin;
        set local lock_timeout = '1s';
        lock table request_logs_rest in access exclusive mode;
        create table request_logs_20260501 (like request_logs including defaults);
        with moved as (
          delete from request_logs_rest where created_at >= '2026-05-01T00:00Z' and created_at < '2026-05-02T00:00Z' returning *
        )
        insert into request_logs_20260501 select * from moved;
        alter table request_logs attach partition request_logs_20260501
          for values from ('2026-05-01T00:00Z') to ('2026-05-02T00:00Z');
        commit;`);
      expect(await instance.prepare()).toEqual([]);
      expect(await parts()).toEqual({ '20260501': 100_001 });
    });

    it('are dropped whole when they are over, and never the day of the boundary', async () => {
      instance.clock.set('2026-06-14T12:00:00.000Z');
      await instance.prepare();
      await instance.append('2026-06-13T12:00:00.000Z', '2026-06-14T12:00:00.000Z', '2026-06-15T12:00:00.000Z');
      instance.clock.set(NOON);
      expect(await instance.cleanUp()).toEqual({ removed: 2 });
      expect(await instance.days.listBefore('9999-01-01')).toEqual(['2026-06-15', '2026-06-16', '2026-06-17']);
      expect(await instance.instants()).toEqual(['2026-06-15T12:00:00.000Z']);
    });

    it('lose their rows in batches while somebody reads them, and themselves the next time', async () => {
      instance.clock.set('2026-06-14T12:00:00.000Z');
      await instance.prepare();
      await instance.append('2026-06-13T12:00:00.000Z', '2026-06-14T12:00:00.000Z', NOON);
      instance.clock.set(NOON);
      const reader = new pg.Client({ connectionString: database.url });
      await reader.connect();
      await reader.query('begin; select 1 from request_logs_20260614');
      expect(await instance.cleanUp()).toEqual({ removed: 2 });
      expect(await instance.instants()).toEqual([NOON]);
      expect(await instance.days.listBefore('2026-06-15')).toEqual(['2026-06-14']);
      // Nobody is in the way of whoever writes.
      await instance.append(NOON);
      await reader.end();
      expect(await instance.cleanUp()).toEqual({ removed: 0 });
      expect(await instance.days.listBefore('2026-06-15')).toEqual([]);
    });

    it('cost nothing when they cannot be dropped, because somebody uses the log', async () => {
      await instance.prepare();
      await instance.append(NOON);
      const reader = new pg.Client({ connectionString: database.url });
      await reader.connect();
      await reader.query('begin; lock table only request_logs in access share mode');
      const said = vi.spyOn(instance.em, 'execute');
      await expect(instance.unitOfWork.run(() => instance.days.remove('2026-06-17'))).rejects.toThrow(LogDayInUse);
      const statements = said.mock.calls.map(([statement]) => String(statement));
      expect(statements.at(-1)).toContain('lock table only request_logs');
      expect(statements.filter((statement) => statement.includes('request_log_counts'))).toEqual([]);
      said.mockRestore();
      await reader.end();
      expect(await instance.unitOfWork.run(() => instance.days.remove('2026-06-17'))).toBe(1);
    });

    it('are what a log becomes that was one table, and it becomes one again', async () => {
      const migrator = instance.orm.migrator as Migrator;
      const before = (await migrator.getExecuted())
        .map(({ name }) => name)
        .toReversed()
        .find((name) => name < 'Migration20261129025719')!;
      await migrator.down({ to: before });
      const columns =
        'id, method, path, model, settlement, status_code, duration_ms, is_stream, created_at, settle_tries, cost_nanos';
      await instance.em.execute(
        `insert into request_logs (${columns}) select 40 + n, 'POST', '/x', 'm' || n, 'settled', 200, n, true,
           timestamptz '2026-06-15T23:00:00Z' + n * interval '30 minutes', 0, n from generate_series(1, 5) n`,
      );
      await instance.em.execute(`select setval('request_logs_id_seq', 45)`);
      await instance.em.transactional((em) => recountLogs(em as SqlEntityManager));
      // Numbers are longer where there are parts, and PostgreSQL hands long ones out as texts.
      const content = async () =>
        (await instance.em.execute<{ id: unknown }[]>('select * from request_logs order by id')).map((row) => {
          return { ...row, id: Number(row.id) };
        });
      const rows = await content();
      await migrator.up();
      expect(await parts()).toEqual({ '20260615': 1, '20260616': 4 });
      expect(await content()).toEqual(rows);
      await instance.append(NOON);
      expect((await instance.logs.page(ALL, 1, 1)).items).toMatchObject([{ id: 46, createdAt: new Date(NOON) }]);
      const more = await content();
      await migrator.down({ to: before });
      expect(await parts()).toEqual({ request_logs: 6 });
      expect(await content()).toEqual(more);
      const [next] = await instance.em.execute<{ id: number }[]>(
        `insert into request_logs (${columns.replace('id, ', '')}) select method, path, model, settlement, status_code,
         duration_ms, is_stream, created_at, settle_tries, cost_nanos from request_logs where id = 41 returning id`,
      );
      expect(next).toEqual({ id: 47 });
    });
  });
});
