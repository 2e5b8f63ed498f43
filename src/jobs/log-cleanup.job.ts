import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { CleanUpLogs } from '../gateway/request-logs/clean-up-logs.use-case.js';
import { Config } from '../shared/config.js';
import type { TaskFigures, TaskRun } from '../shared/task-run.js';
import type { JobRun } from './runs/job-run.entity.js';
import { JobRunner } from './runs/job-runner.js';
import { Job } from './job.js';
import { Schedule } from './timing/schedule.js';

/** Keeps the log of the gateway as long as LOG_RETENTION_DAYS says. */
@Injectable()
export class LogCleanupJob extends Job {
  readonly name = 'log-cleanup';
  readonly schedule: Schedule;

  constructor(
    config: Config,
    private readonly cleanUpLogs: CleanUpLogs,
    private readonly runner: JobRunner,
  ) {
    super();
    this.schedule = new Schedule(config.LOG_CLEANUP_CRON);
  }

  @Cron('0 2 * * *', { name: 'log-cleanup', timeZone: 'UTC' })
  begin(): Promise<JobRun | null> {
    return this.runner.runDue(this);
  }

  work(run: TaskRun): Promise<TaskFigures> {
    return this.cleanUpLogs.execute(run);
  }
}
