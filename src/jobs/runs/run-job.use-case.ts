import { Injectable } from '@nestjs/common';
import { NotFound } from '../../shared/errors.js';
import type { JobRun } from './job-run.entity.js';
import { JobRunner } from './job-runner.js';
import { Jobs } from '../job.js';

/** Runs a job at once because somebody asked, and waits for the outcome. */
@Injectable()
export class RunJob {
  constructor(
    private readonly jobs: Jobs,
    private readonly runner: JobRunner,
  ) {}

  /** Throws NotFound, JobRunning. `actor` is for whoever comes without a request: `operator`. */
  async execute(name: string, actor?: string): Promise<JobRun> {
    const job = this.jobs.find(name);
    if (!job) throw new NotFound('job');
    return this.runner.runNow(job, actor);
  }
}
