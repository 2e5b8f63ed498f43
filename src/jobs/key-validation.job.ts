import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { ValidateKeys } from '../api-keys/checking/validate-keys.use-case.js';
import { Config } from '../shared/config.js';
import type { TaskFigures, TaskRun } from '../shared/task-run.js';
import type { JobRun } from './runs/job-run.entity.js';
import { JobRunner } from './runs/job-runner.js';
import { Job } from './job.js';
import { Schedule } from './timing/schedule.js';

/** Every night: asks OpenRouter whether the keys still work. */
@Injectable()
export class KeyValidationJob extends Job {
  readonly name = 'key-validation';
  readonly schedule: Schedule;

  constructor(
    config: Config,
    private readonly validateKeys: ValidateKeys,
    private readonly runner: JobRunner,
  ) {
    super();
    this.schedule = new Schedule(config.VALIDATION_CRON);
  }

  @Cron('0 2 * * *', { name: 'key-validation', timeZone: 'UTC' })
  begin(): Promise<JobRun | null> {
    return this.runner.runDue(this);
  }

  work(run: TaskRun): Promise<TaskFigures> {
    return this.validateKeys.execute(run);
  }
}
