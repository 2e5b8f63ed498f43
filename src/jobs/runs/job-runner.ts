import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../../shared/time/clock.port.js';
import { DomainError, Overloaded } from '../../shared/errors.js';
import { LOGGER } from '../../shared/tokens.js';
import { type Claim, JobClaims, LEASE_SECONDS, type RunResult } from './job-claims.js';
import { LeaseLost } from './job-lease.port.js';
import { type JobRun, RunStopped } from './job-run.entity.js';
import type { Job } from '../job.js';

const HEARTBEAT_MS = (LEASE_SECONDS * 1000) / 3;

/** How long a run that was told to stop may take to do so. */
const GRACE_MS = 3_000;

/** A timer may fire a little before the clock says so. */
const TIMER_SLACK_MS = 1_000;

/** How long running jobs may go on when the process is told to stop. */
const DRAIN_MS = 25_000;

/** Carries out runs: keeps the lease alive, bounds the run, writes down what came of it, lets it finish on shutdown. */
@Injectable()
export class JobRunner implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly running = new Map<Promise<unknown>, AbortController>();
  private readonly listeners: ((run: JobRun) => void)[] = [];
  /** Work is done outside the request that asked for it: it outlives the request, and shares none of its entities. */
  private readonly outsideRequests = AsyncLocalStorage.snapshot();
  private isStopping = false;

  constructor(
    private readonly claims: JobClaims,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Calls `listener` with every run of this instance that has ended. */
  onEnd(listener: (run: JobRun) => void): void {
    this.listeners.push(listener);
  }

  /** Runs the slot that the schedule has just reached, unless some instance has; null if so. */
  async runDue(job: Job): Promise<JobRun | null> {
    const slot = job.schedule.latest(new Date(this.clock.now().getTime() + TIMER_SLACK_MS));
    return slot && this.runSlot(job, slot);
  }

  async runSlot(job: Job, slot: Date): Promise<JobRun | null> {
    return this.isStopping ? null : this.carryOut(() => this.claims.forSlot(job, slot));
  }

  /** Runs what an instance left unfinished when it died, if that was the slot `current`; null if there is nothing. */
  async takeOver(job: Job, current: Date | null): Promise<JobRun | null> {
    return this.isStopping ? null : this.carryOut(() => this.claims.takeOver(job, current));
  }

  /** Runs the job because somebody asked. Throws JobRunning. */
  async runNow(job: Job, actor?: string): Promise<JobRun> {
    if (this.isStopping) throw new Overloaded('The service is about to stop. Try again in a moment.');
    return this.carryOut(() => this.claims.forPerson(job, actor));
  }

  /** The same, but resolves as soon as the run has begun; it goes on by itself. */
  async beginNow(job: Job): Promise<void> {
    if (this.isStopping) throw new Overloaded('The service is about to stop. Try again in a moment.');
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const begin = async () => {
      const claim = await this.claims.forPerson(job);
      resolve();
      return claim;
    };
    const run = this.carryOut(begin);
    await Promise.race([begun, run]);
    run.catch((error: unknown) => this.logger.error({ err: error, job: job.name }, 'A job could not be ended'));
  }

  /** From now on no run begins; those under way get some time. */
  onModuleDestroy(): void {
    this.isStopping = true;
    const stop = () => this.running.forEach((control) => control.abort(new RunStopped('The service was stopped.')));
    setTimeout(stop, DRAIN_MS).unref();
  }

  /** What the work needs, the database first of all, is closed after this. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.running.keys());
  }

  private async carryOut<T extends Claim | null>(begin: () => Promise<T>): Promise<T extends null ? null : JobRun>;
  private async carryOut(begin: () => Promise<Claim | null>): Promise<JobRun | null> {
    const control = new AbortController();
    const run = begin().then((claim) => claim && this.outsideRequests(() => this.runToEnd(claim, control)));
    this.running.set(run, control);
    return run.finally(() => this.running.delete(run));
  }

  private async runToEnd(claim: Claim, control: AbortController): Promise<JobRun> {
    const { longestMs } = claim.job;
    const tooLong = () => control.abort(new RunStopped(`It took longer than ${longestMs / 60_000} minutes.`));
    const limit = setTimeout(tooLong, longestMs);
    const heartbeat = setInterval(() => void this.keepAlive(claim, control), HEARTBEAT_MS);
    try {
      const run = await this.claims.finish(claim, await this.work(claim, control.signal));
      this.tell(run);
      return run;
    } finally {
      clearTimeout(limit);
      clearInterval(heartbeat);
    }
  }

  private async work({ job, ...claim }: Claim, signal: AbortSignal): Promise<RunResult> {
    const task = { signal, stillOurs: () => this.claims.stillOurs({ job, ...claim }) };
    try {
      signal.throwIfAborted();
      const figures = await Promise.race([job.work(task), endOf(signal)]);
      return { figures, error: signal.aborted ? reasonOf(signal.reason) : null };
    } catch (error) {
      if (!isExpected(error)) this.logger.error({ err: error, job: job.name }, 'A job failed unexpectedly');
      return { figures: null, error: reasonOf(signal.aborted ? signal.reason : error) };
    }
  }

  private async keepAlive(claim: Claim, control: AbortController): Promise<void> {
    try {
      if (!(await this.claims.renew(claim))) control.abort(new LeaseLost(claim.job.name));
    } catch (error) {
      // The next beat tries again; should the lease expire meanwhile, nothing more can be written under it.
      this.logger.warn({ err: error, job: claim.job.name }, 'The lease of a job could not be renewed');
    }
  }

  private tell(run: JobRun): void {
    const { name: job, outcome, durationMs: duration_ms, figures, error } = run;
    this.logger[outcome === 'succeeded' ? 'info' : 'warn']({ job, outcome, duration_ms, figures, error }, 'job');
    for (const listener of this.listeners) listener(run);
  }
}

/** Rejects some time after the signal, for work that does not heed it. */
function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason), GRACE_MS), { once: true });
  });
}

function isExpected(error: unknown): error is Error {
  return error instanceof DomainError || error instanceof RunStopped || error instanceof LeaseLost;
}

/** Other errors may quote anything, secrets included: they are in the log only. */
function reasonOf(error: unknown): string {
  if (isExpected(error)) return error.message;
  return `It failed unexpectedly (${error instanceof Error ? error.name : 'no error'}). The log tells more.`;
}
