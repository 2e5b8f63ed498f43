import { setTimeout as pause } from 'node:timers/promises';
import { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LeaseLost } from '../../src/jobs/runs/job-lease.port.js';
import { JobRunning } from '../../src/jobs/runs/job-run.entity.js';
import { JobRunRepository } from '../../src/jobs/runs/job-run.repository.js';
import { JobRunner } from '../../src/jobs/runs/job-runner.js';
import { Job } from '../../src/jobs/job.js';
import { Schedule } from '../../src/jobs/timing/schedule.js';
import { Unprocessable } from '../../src/shared/errors.js';
import type { TaskFigures, TaskRun } from '../../src/shared/task-run.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { DIALECTS } from '../support/services.ts';

const NOON = new Date('2026-06-15T12:00:00Z');

class TestJob extends Job {
  readonly name = 'test';
  readonly schedule = new Schedule('0 * * * *');

  constructor(
    readonly work: (run: TaskRun) => Promise<TaskFigures>,
    override readonly longestMs = 60_000,
  ) {
    super();
  }
}

describe.each(DIALECTS)('jobs of several instances on one %s database', (dialect) => {
  let database: TestDatabase;
  let clock: FixedClock;
  let instances: TestApp[];
  let theEnd: PromiseWithResolvers<void>;
  const untilTheEnd = () => theEnd.promise.then(() => ({}));
  beforeEach(async () => {
    theEnd = Promise.withResolvers();
    database = await newDatabase(dialect);
    clock = new FixedClock('2026-06-15T12:00:01Z');
    instances = [];
    for (let count = 0; count < 3; count++) instances.push(await startApp({ databaseUrl: database.url, clock }));
  });
  afterEach(async () => {
    theEnd.resolve();
    for (const instance of instances) await instance[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const part = <T>(index: number, type: abstract new (...parts: never[]) => T): T =>
    instances[index]!.nest.get(type, { strict: false });
  const runner = (index: number) => part(index, JobRunner);
  const history = async () => {
    const { items } = await part(0, UnitOfWork).run(() => part(0, JobRunRepository).page('test', 0, 100));
    return items.map(({ slot, attempt, outcome, error }) => ({ slot, attempt, outcome, error }));
  };

  it('run once per slot', async () => {
    let works = 0;
    const job = new TestJob(async () => ({ works: ++works }));
    for (let hour = 0; hour < 3; hour++) {
      const runs = await Promise.all([0, 1, 2].map((index) => runner(index).runDue(job)));
      expect(runs.filter(Boolean)).toMatchObject([{ outcome: 'succeeded', figures: { works: hour + 1 } }]);
      expect(await runner(1).runDue(job)).toBeNull();
      clock.advance(3600);
    }
    expect(works).toBe(3);
    expect((await history()).map(({ slot }) => slot?.toISOString())).toEqual([
      '2026-06-15T14:00:00.000Z',
      '2026-06-15T13:00:00.000Z',
      '2026-06-15T12:00:00.000Z',
    ]);
  });

  it('run once per slot however late an instance comes', async () => {
    const job = new TestJob(async () => ({}));
    expect(await runner(0).runDue(job)).not.toBeNull();
    clock.advance(1500);
    expect(await runner(1).runDue(job)).toBeNull();
  });

  it('never overlap, whether the schedule or a person begins them', async () => {
    const end = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const job = new TestJob(async () => {
      begun.resolve();
      await end.promise;
      return {};
    });
    const first = runner(0).runNow(job);
    await begun.promise;
    await expect(runner(1).runNow(job)).rejects.toThrow(JobRunning);
    await expect(runner(0).runNow(job)).rejects.toThrow(JobRunning);
    expect(await runner(2).runDue(job)).toBeNull();
    end.resolve();
    expect(await first).toMatchObject({ outcome: 'succeeded', slot: null });
    expect(await runner(2).runDue(job)).toMatchObject({ outcome: 'succeeded', slot: NOON });
  });

  it('of an instance that died are taken over when its lease has expired, and once', async () => {
    const dead = new TestJob(untilTheEnd);
    void runner(0).runDue(dead);
    await expect.poll(history).toHaveLength(1);
    const job = new TestJob(async () => ({}));
    clock.advance(44);
    expect(await runner(1).takeOver(job, NOON)).toBeNull();
    clock.advance(1);
    const taken = await Promise.all([1, 2].map((index) => runner(index).takeOver(job, NOON)));
    expect(taken.filter(Boolean)).toMatchObject([{ outcome: 'succeeded', slot: NOON, attempt: 2 }]);
    expect(await history()).toMatchObject([
      { attempt: 2, outcome: 'succeeded' },
      { attempt: 1, outcome: 'abandoned' },
    ]);
    expect(await runner(1).takeOver(job, NOON)).toBeNull();
    expect(await runner(1).runDue(job)).toBeNull();
  });

  it('are not repeated for a slot that is past, nor for a person who is gone, nor for ever', async () => {
    const dead = new TestJob(untilTheEnd);
    const outcomes = async () => (await history()).map(({ outcome }) => outcome);
    void runner(0).runDue(dead);
    await expect.poll(history).toHaveLength(1);
    clock.advance(3600);
    expect(await runner(1).takeOver(dead, new Date('2026-06-15T13:00:00Z'))).toBeNull();
    void runner(0).runNow(dead);
    await expect.poll(outcomes).toEqual(['running', 'abandoned']);
    clock.advance(60);
    expect(await runner(1).takeOver(dead, null)).toBeNull();
    void runner(0).runDue(dead);
    for (let attempt = 2; attempt <= 3; attempt++) {
      await expect.poll(outcomes).toContain('running');
      clock.advance(60);
      void runner(attempt - 1).takeOver(dead, new Date('2026-06-15T13:00:00Z'));
      await expect.poll(history).toHaveLength(attempt + 2);
    }
    clock.advance(60);
    expect(await runner(1).takeOver(dead, new Date('2026-06-15T13:00:00Z'))).toBeNull();
    expect(await outcomes()).toEqual(Array.from({ length: 5 }, () => 'abandoned'));
  });

  it('write nothing when they thaw after another instance has taken over', async () => {
    const thaw = Promise.withResolvers<void>();
    const write = (index: number, role: string) =>
      part(index, SqlEntityManager).execute(
        "insert into users (email, email_key, password_hash, created_at) values (?, ?, 'x', ?)",
        [role, role, dialect === 'sqlite' ? 0 : new Date(0)],
      );
    let thrown: unknown;
    const frozen = new TestJob(async (run) => {
      await thaw.promise;
      await part(0, UnitOfWork)
        .run(async () => {
          await run.stillOurs();
          await write(0, 'frozen');
        })
        .catch((error: unknown) => (thrown = error));
      return {};
    });
    const healthy = new TestJob(async (run) => {
      await part(1, UnitOfWork).run(async () => {
        await run.stillOurs();
        await write(1, 'healthy');
      });
      return {};
    });
    const first = runner(0).runDue(frozen);
    await expect.poll(history).toHaveLength(1);
    clock.advance(45);
    expect(await runner(1).takeOver(healthy, NOON)).toMatchObject({ outcome: 'succeeded' });
    thaw.resolve();
    expect(await first).toMatchObject({ outcome: 'abandoned', attempt: 1 });
    expect(thrown).toBeInstanceOf(LeaseLost);
    const rows = await part(2, SqlEntityManager).fork().execute('select email from users');
    expect(rows).toEqual([{ email: 'healthy' }]);
    expect((await history()).map(({ outcome }) => outcome)).toEqual(['succeeded', 'abandoned']);
  });

  it('tell why they failed, and nothing that may be a secret', async () => {
    const refused = new TestJob(async () => {
      throw new Unprocessable({ field: 'key', message: 'There is nothing to sync.' });
    });
    const broken = new TestJob(async () => {
      throw new TypeError('sk-or-v1-secret is not a function');
    });
    expect(await runner(0).runNow(refused)).toMatchObject({ outcome: 'failed', error: 'There is nothing to sync.' });
    const { error } = await runner(0).runNow(broken);
    expect(error).toBe('It failed unexpectedly (TypeError). The log tells more.');
    expect(await runner(0).runNow(new TestJob(async () => ({ keys: 2 })))).toMatchObject({ outcome: 'succeeded' });
  });

  it('are stopped when they hang, whether they heed the signal or not', async () => {
    const heeding = new TestJob(async ({ signal }) => {
      await pause(60_000, undefined, { signal });
      return {};
    }, 50);
    expect(await runner(0).runNow(heeding)).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(/^It took longer than/),
    });
    const deaf = new TestJob(() => new Promise(() => {}), 50);
    expect(await runner(0).runNow(deaf)).toMatchObject({ outcome: 'failed' });
    expect(await runner(1).runNow(new TestJob(async () => ({})))).toMatchObject({ outcome: 'succeeded' });
  });

  it('may finish when the service stops, and none begins any more', async () => {
    const end = Promise.withResolvers<void>();
    const job = new TestJob(async (run) => {
      await end.promise;
      await part(0, UnitOfWork).run(() => run.stillOurs());
      return { done: 1 };
    });
    const [stopping] = instances;
    const run = runner(0).runDue(job);
    await expect.poll(history).toHaveLength(1);
    const last = runner(0);
    const closed = stopping!.nest.close();
    await expect.poll(() => last.runNow(job).catch(({ code }: { code: string }) => code)).toBe('overloaded');
    expect(await last.runDue(job)).toBeNull();
    end.resolve();
    expect(await run).toMatchObject({ outcome: 'succeeded', figures: { done: 1 } });
    await closed;
    instances.shift();
    expect(await history()).toMatchObject([{ outcome: 'succeeded' }]);
  });
});
