import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { ForgetOldSessions } from '../auth/sessions/forget-old-sessions.use-case.js';
import { ForgetOldNotifications } from '../notifications/forget-old-notifications.use-case.js';
import { Config } from '../shared/config.js';
import type { TaskFigures, TaskRun } from '../shared/task-run.js';
import { FoldOldUsage } from '../usage/books/fold-old-usage.use-case.js';
import { ForgetOldRuns } from './runs/forget-old-runs.use-case.js';
import type { JobRun } from './runs/job-run.entity.js';
import { JobRunner } from './runs/job-runner.js';
import { Job } from './job.js';
import { UnfinishedRemovals } from './unfinished-removals.js';
import { Schedule } from './timing/schedule.js';

/** Every Sunday: folds usage past its retention into months, and forgets sessions, notifications and runs that are long over. */
@Injectable()
export class UsageCleanupJob extends Job {
  readonly name = 'usage-cleanup';
  readonly schedule: Schedule;

  constructor(
    config: Config,
    private readonly foldOldUsage: FoldOldUsage,
    private readonly forgetOldSessions: ForgetOldSessions,
    private readonly forgetOldNotifications: ForgetOldNotifications,
    private readonly forgetOldRuns: ForgetOldRuns,
    private readonly unfinishedRemovals: UnfinishedRemovals,
    private readonly runner: JobRunner,
  ) {
    super();
    this.schedule = new Schedule(config.CLEANUP_CRON);
  }

  @Cron('0 3 * * 0', { name: 'usage-cleanup', timeZone: 'UTC' })
  begin(): Promise<JobRun | null> {
    return this.runner.runDue(this);
  }

  async work(run: TaskRun): Promise<TaskFigures> {
    return {
      ...(await this.foldOldUsage.execute(run)),
      ...(await this.forgetOldSessions.execute(run)),
      ...(await this.forgetOldNotifications.execute(run)),
      ...(await this.forgetOldRuns.execute(run)),
      ...(await this.unfinishedRemovals.finish(run.signal)),
    };
  }
}
