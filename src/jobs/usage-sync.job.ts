import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { SyncUsage } from '../usage/syncing/sync-usage.use-case.js';
import { Config } from '../shared/config.js';
import type { TaskFigures, TaskRun } from '../shared/task-run.js';
import type { JobRun } from './runs/job-run.entity.js';
import { JobRunner } from './runs/job-runner.js';
import { Job } from './job.js';
import { Schedule } from './timing/schedule.js';

/** Every hour: asks OpenRouter what each key has used. */
@Injectable()
export class UsageSyncJob extends Job {
  readonly name = 'usage-sync';
  readonly schedule: Schedule;

  constructor(
    config: Config,
    private readonly syncUsage: SyncUsage,
    private readonly runner: JobRunner,
  ) {
    super();
    this.schedule = new Schedule(config.SYNC_CRON);
  }

  @Cron('0 * * * *', { name: 'usage-sync', timeZone: 'UTC' })
  begin(): Promise<JobRun | null> {
    return this.runner.runDue(this);
  }

  work(run: TaskRun): Promise<TaskFigures> {
    return this.syncUsage.execute(run);
  }
}
