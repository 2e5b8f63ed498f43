import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryAuditLog } from '../../../test/fakes/audit.memory.ts';
import { FixedClock } from '../../../test/fakes/clock.fixed.ts';
import { MemoryJobLeases } from '../../../test/fakes/job-leases.memory.ts';
import { MemoryJobRunRepository } from '../../../test/fakes/job-run.repository.memory.ts';
import { MemoryUnitOfWork } from '../../../test/fakes/unit-of-work.memory.ts';
import type { TaskFigures, TaskRun } from '../../shared/task-run.js';
import { JobClaims, LEASE_SECONDS } from './job-claims.js';
import { JobRunner } from './job-runner.js';
import { Job } from '../job.js';
import { Schedule } from '../timing/schedule.js';

class TestJob extends Job {
  readonly name = 'test';
  readonly schedule = new Schedule('0 * * * *');

  constructor(readonly work: (run: TaskRun) => Promise<TaskFigures>) {
    super();
  }
}

describe('a job that runs long', () => {
  const clock = new FixedClock();
  const noon = clock.now();
  let newInstance: () => JobRunner;
  let leases: MemoryJobLeases;
  beforeEach(() => {
    vi.useFakeTimers();
    clock.set(noon.toISOString());
    leases = new MemoryJobLeases(clock);
    const runs = new MemoryJobRunRepository();
    newInstance = () => {
      const claims = new JobClaims(leases, runs, new MemoryUnitOfWork(), clock, new MemoryAuditLog());
      return new JobRunner(claims, clock, pino({ enabled: false }));
    };
  });
  afterEach(() => vi.useRealTimers());

  async function pass(seconds: number) {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1);
      await vi.advanceTimersByTimeAsync(1_000);
    }
  }

  it('begins when somebody asks, and goes on by itself', async () => {
    const done = Promise.withResolvers<TaskFigures>();
    const job = new TestJob(() => done.promise);
    const instance = newInstance();
    const ended = new Promise<unknown>((resolve) => instance.onEnd((run) => resolve(run.outcome)));
    await instance.beginNow(job);
    await expect(newInstance().beginNow(job)).rejects.toThrow('is running already');
    done.resolve({});
    expect(await ended).toBe('succeeded');
  });

  it('keeps its lease for as long as it runs, and no longer', async () => {
    const done = Promise.withResolvers<TaskFigures>();
    const job = new TestJob(() => done.promise);
    const run = newInstance().runSlot(job, noon);
    await vi.advanceTimersByTimeAsync(0);
    const other = newInstance();
    for (let minute = 0; minute < 10; minute++) {
      await pass(60);
      expect(await other.takeOver(job, noon)).toBeNull();
    }
    done.resolve({ keys: 1 });
    const ended = await run;
    expect([ended?.outcome, ended?.durationMs]).toEqual(['succeeded', 600_000]);
    expect(await leases.listHeld()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is told to stop when another instance has taken it over', async () => {
    let signal: AbortSignal | undefined;
    const frozen = new TestJob((run) => {
      ({ signal } = run);
      return new Promise((_, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason)));
    });
    const run = newInstance().runSlot(frozen, noon);
    await vi.advanceTimersByTimeAsync(0);
    clock.advance(LEASE_SECONDS);
    const taken = await newInstance().takeOver(new TestJob(async () => ({})), noon);
    expect(taken).toMatchObject({ outcome: 'succeeded', attempt: 2 });
    expect(signal?.aborted).toBe(false);
    await pass(LEASE_SECONDS / 3);
    expect(signal?.aborted).toBe(true);
    expect(await run).toMatchObject({ outcome: 'abandoned', attempt: 1 });
  });

  it('is stopped after 50 minutes and counts as failed, with what it has done until then', async () => {
    const job = new TestJob(
      (run) => new Promise((resolve) => run.signal.addEventListener('abort', () => resolve({ keys: 3 }))),
    );
    const run = newInstance().runSlot(job, noon);
    await pass(50 * 60);
    expect(await run).toMatchObject({
      outcome: 'failed',
      error: 'It took longer than 50 minutes.',
      figures: { keys: 3 },
    });
  });

  it('is stopped when it has not finished 25 seconds after the service was told to stop', async () => {
    const instance = newInstance();
    const run = instance.runSlot(new TestJob(() => new Promise(() => {})), noon);
    await vi.advanceTimersByTimeAsync(0);
    instance.onModuleDestroy();
    let isOver = false;
    const stopped = instance.beforeApplicationShutdown().then(() => (isOver = true));
    await pass(24);
    expect(isOver).toBe(false);
    await pass(5);
    await stopped;
    expect(await run).toMatchObject({ outcome: 'failed', error: 'The service was stopped.' });
    expect(await leases.listHeld()).toEqual([]);
  });

  it('does not begin any more when the service is told to stop while it waits for its lease', async () => {
    const leased = Promise.withResolvers<void>();
    const acquire = leases.acquire.bind(leases);
    vi.spyOn(leases, 'acquire').mockImplementation(async (...args) => {
      await leased.promise;
      return acquire(...args);
    });
    const work = vi.fn<() => Promise<TaskFigures>>(() => new Promise(() => {}));
    const instance = newInstance();
    const run = instance.runSlot(new TestJob(work), noon);
    instance.onModuleDestroy();
    await pass(26);
    leased.resolve();
    await pass(5);
    expect(await run).toMatchObject({ outcome: 'failed', error: 'The service was stopped.' });
    expect(work).not.toHaveBeenCalled();
  });
});
