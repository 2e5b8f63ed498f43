import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { LOGGER } from '../../shared/tokens.js';
import { Jobs } from '../job.js';

/** Puts the operator's settings in place of the usual times in the jobs' @Cron decorators. */
@Injectable()
export class JobScheduler implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly registry: SchedulerRegistry,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    for (const { name, schedule } of this.jobs.all) {
      if (schedule.times) this.registry.getCronJob(name).setTime(schedule.times);
      else this.registry.deleteCronJob(name);
      this.logger.debug({ job: name, schedule: schedule.expression }, 'Scheduled');
    }
  }
}
