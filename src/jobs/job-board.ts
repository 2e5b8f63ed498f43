import { Injectable } from '@nestjs/common';
import { Clock } from '../shared/time/clock.port.js';
import { NotFound } from '../shared/errors.js';
import { JobLeases } from './runs/job-lease.port.js';
import type { JobRun } from './runs/job-run.entity.js';
import { JobRunRepository } from './runs/job-run.repository.js';
import { type Job, Jobs } from './job.js';

/** A job as the operator sees it. */
export interface JobState {
  job: Job;
  isRunning: boolean;
  lastRun: JobRun | null;
  nextRun: Date | null;
}

/** What the jobs have done, what they do now and when they are due next. */
@Injectable()
export class JobBoard {
  constructor(
    private readonly jobs: Jobs,
    private readonly leases: JobLeases,
    private readonly runs: JobRunRepository,
    private readonly clock: Clock,
  ) {}

  async list(): Promise<JobState[]> {
    const held = await this.leases.listHeld();
    const states: JobState[] = [];
    for (const job of this.jobs.all) states.push(await this.stateOf(job, held));
    return states;
  }

  /** Throws NotFound. */
  async state(name: string): Promise<JobState> {
    const job = this.jobs.find(name);
    if (!job) throw new NotFound('job');
    return this.stateOf(job, await this.leases.listHeld());
  }

  /** When each job that has ever succeeded last did so. */
  async lastSuccesses(): Promise<Map<string, Date>> {
    const successes = new Map<string, Date>();
    for (const { name } of this.jobs.all) {
      const run = await this.runs.latestSuccess(name);
      if (run) successes.set(name, run.finishedAt ?? run.startedAt);
    }
    return successes;
  }

  /** Newest first. Throws NotFound. */
  history(name: string, skip: number, limit: number): Promise<{ items: JobRun[]; total: number }> {
    if (!this.jobs.find(name)) throw new NotFound('job');
    return this.runs.page(name, skip, limit);
  }

  private async stateOf(job: Job, held: string[]): Promise<JobState> {
    const lastRun = await this.runs.latest(job.name);
    return { job, isRunning: held.includes(job.name), lastRun, nextRun: job.schedule.next(this.clock.now()) };
  }
}
