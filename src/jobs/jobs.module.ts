import { Module, type Type } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { GatewayModule } from '../gateway/gateway.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { ForgetOldRuns } from './runs/forget-old-runs.use-case.js';
import { JobBoard } from './job-board.js';
import { JobClaims } from './runs/job-claims.js';
import { MikroJobLeases } from './runs/job-lease.mikro.js';
import { JobLeases } from './runs/job-lease.port.js';
import { MikroJobRunRepository } from './runs/job-run.repository.mikro.js';
import { JobRunRepository } from './runs/job-run.repository.js';
import { JobRunner } from './runs/job-runner.js';
import { JobScheduler } from './timing/job-scheduler.js';
import { JobWatch } from './timing/job-watch.js';
import { type Job, Jobs } from './job.js';
import { JobsController } from './jobs.controller.js';
import { KeyValidationJob } from './key-validation.job.js';
import { LogCleanupJob } from './log-cleanup.job.js';
import { RunJob } from './runs/run-job.use-case.js';
import { StartJob } from './runs/start-job.use-case.js';
import { UnfinishedRemovals } from './unfinished-removals.js';
import { UsageCleanupJob } from './usage-cleanup.job.js';
import { UsageSyncJob } from './usage-sync.job.js';

/** What the service does in the background: one line per job. */
const JOBS: Type<Job>[] = [UsageSyncJob, KeyValidationJob, UsageCleanupJob, LogCleanupJob];

/** Runs each job once per slot of its schedule, however many instances there are, and remembers what came of it. */
@Module({
  imports: [ScheduleModule.forRoot(), ApiKeysModule, GatewayModule, UsageModule],
  controllers: [JobsController],
  providers: [
    ...JOBS,
    { provide: Jobs, useFactory: (...all: Job[]) => new Jobs(all), inject: JOBS },
    { provide: JobLeases, useClass: MikroJobLeases },
    { provide: JobRunRepository, useClass: MikroJobRunRepository },
    ForgetOldRuns,
    JobBoard,
    JobClaims,
    JobRunner,
    JobScheduler,
    JobWatch,
    RunJob,
    StartJob,
    UnfinishedRemovals,
  ],
  exports: [JobBoard, JobRunner, JobRunRepository, Jobs, JobWatch, RunJob, StartJob],
})
export class JobsModule {}
