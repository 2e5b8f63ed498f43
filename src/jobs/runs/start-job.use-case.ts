import { Injectable } from '@nestjs/common';
import { NotFound } from '../../shared/errors.js';
import { Jobs } from '../job.js';
import { JobRunner } from './job-runner.js';

/** Begins a job because somebody asked, and leaves it to itself: the history will tell what came of it. */
@Injectable()
export class StartJob {
  constructor(
    private readonly jobs: Jobs,
    private readonly runner: JobRunner,
  ) {}

  /** Throws NotFound, JobRunning, Overloaded. */
  async execute(name: string): Promise<void> {
    const job = this.jobs.find(name);
    if (!job) throw new NotFound('job');
    await this.runner.beginNow(job);
  }
}
