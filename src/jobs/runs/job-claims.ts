import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import type { TaskFigures } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { JobLeases, type Lease } from './job-lease.port.js';
import { JobRun, JobRunning } from './job-run.entity.js';
import { JobRunRepository } from './job-run.repository.js';
import type { Job } from '../job.js';

/** How long an instance that died keeps a job from the others; a living one renews its lease three times as often. */
export const LEASE_SECONDS = 45;

/** Runs of the same slot, should each instance that begins one die. */
const MOST_ATTEMPTS = 3;

/** A run that has begun, and the lease under which it does. */
export interface Claim {
  readonly job: Job;
  readonly runId: number;
  readonly lease: Lease;
}

/** What a run came to. `error` is a sentence that says why it failed. */
export interface RunResult {
  figures: TaskFigures | null;
  error: string | null;
}

/** The steps of a run that must happen wholly or not at all: beginning it, taking it over, ending it. */
@Injectable()
export class JobClaims {
  private readonly owner = randomUUID();

  constructor(
    private readonly leases: JobLeases,
    private readonly runs: JobRunRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /** Null if the slot has had its run, or the job is running. */
  async forSlot(job: Job, slot: Date): Promise<Claim | null> {
    return this.begun(job, async () => {
      if (await this.runs.findSlot(job.name, slot)) return null;
      const lease = await this.acquire(job);
      if (!lease) return null;
      // Another instance may have run it, start to end, while this one waited for the lease.
      if (await this.runs.findSlot(job.name, slot)) return this.giveBack(lease);
      await this.abandonWhatIsLeft(job);
      return this.newRun(job, slot, 1, lease);
    });
  }

  /** Throws JobRunning. `actor` is for whoever comes without a request: `operator`. */
  async forPerson(job: Job, actor?: string): Promise<Claim> {
    const claim = await this.begun(job, async () => {
      const lease = await this.acquire(job);
      if (!lease) return null;
      await this.abandonWhatIsLeft(job);
      const begun = this.newRun(job, null, 1, lease);
      await this.audit.record({ action: 'job.run', target: `job:${job.name}`, ...(actor && { actor }) });
      return begun;
    });
    if (!claim) throw new JobRunning(job.name);
    return claim;
  }

  /**
   * Closes the run that an instance left behind when it died. Returns a new attempt at its slot if `current` is that
   * slot; null if there is nothing to repeat or the instance is alive.
   */
  async takeOver(job: Job, current: Date | null): Promise<Claim | null> {
    return this.begun(job, async () => {
      const lease = await this.acquire(job);
      if (!lease) return null;
      const left = (await this.abandonWhatIsLeft(job)).findLast(({ slot }) => slot?.getTime() === current?.getTime());
      if (!left?.slot || left.attempt >= MOST_ATTEMPTS) return this.giveBack(lease);
      return this.newRun(job, left.slot, left.attempt + 1, lease);
    });
  }

  /** The names of the jobs of which a run has begun and not ended, whether its instance is alive or not. */
  async unfinished(): Promise<Set<string>> {
    const runs = await this.unitOfWork.run(() => this.runs.listRunning());
    return new Set(runs.map(({ name }) => name));
  }

  renew({ lease }: Claim): Promise<boolean> {
    return this.unitOfWork.run(() => this.leases.renew(lease, LEASE_SECONDS));
  }

  /** Inside a unit of work: throws LeaseLost if another instance has taken over. */
  stillOurs({ lease }: Claim): Promise<void> {
    return this.leases.hold(lease);
  }

  /** Writes down what came of the run, unless another instance has taken over: then it stays abandoned. */
  finish({ runId, lease }: Claim, { figures, error }: RunResult): Promise<JobRun> {
    return this.unitOfWork.run(async () => {
      const isOurs = await this.leases.renew(lease, 0);
      const run = await this.runs.find(runId);
      if (!run) throw new Error(`The run ${runId} of ${lease.job} is not in the history.`);
      if (!isOurs) return run;
      if (error === null) run.succeed(figures ?? {}, this.clock.now());
      else run.fail(error, this.clock.now(), figures);
      await this.leases.release(lease);
      return run;
    });
  }

  private async begun(job: Job, begin: () => Promise<{ run: JobRun; lease: Lease } | null>): Promise<Claim | null> {
    const begun = await this.unitOfWork.run(begin);
    return begun && { job, runId: begun.run.id, lease: begun.lease };
  }

  private acquire(job: Job): Promise<Lease | null> {
    return this.leases.acquire(job.name, this.owner, LEASE_SECONDS);
  }

  private async giveBack(lease: Lease): Promise<null> {
    await this.leases.release(lease);
    return null;
  }

  private newRun(job: Job, slot: Date | null, attempt: number, lease: Lease): { run: JobRun; lease: Lease } {
    const run = new JobRun(job.name, slot, attempt, this.owner, lease.fencing, this.clock.now());
    this.runs.add(run);
    return { run, lease };
  }

  /** Whoever holds the lease knows that no other run of the job is alive. */
  private async abandonWhatIsLeft(job: Job): Promise<JobRun[]> {
    const left = await this.runs.listRunning(job.name);
    for (const run of left) run.abandon(this.clock.now());
    return left;
  }
}
