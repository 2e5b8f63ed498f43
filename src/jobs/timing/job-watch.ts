import { Inject, Injectable, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { Clock } from '../../shared/time/clock.port.js';
import { LOGGER } from '../../shared/tokens.js';
import { JobClaims } from '../runs/job-claims.js';
import { JobRunner } from '../runs/job-runner.js';
import { type Job, Jobs } from '../job.js';

const LOOK_EVERY_MS = 15_000;

/** A slot that could not begin on time, because the database was away for instance, may still begin for so long. */
const LATE_START_MS = 10 * 60_000;

/** Looks now and then for runs whose instance died, and for slots that nobody has begun. */
@Injectable()
export class JobWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private looking: Promise<void> | undefined;
  private startedAt = new Date(0);
  private lookedAt = new Date(0);

  constructor(
    private readonly jobs: Jobs,
    private readonly runner: JobRunner,
    private readonly claims: JobClaims,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.startedAt = this.clock.now();
    this.look();
  }

  beforeApplicationShutdown(): Promise<void> | undefined {
    return this.looking;
  }

  /** Whether the timers of this process come late: then slots would too. */
  get isBehind(): boolean {
    return this.clock.now().getTime() - this.lookedAt.getTime() > 4 * LOOK_EVERY_MS;
  }

  @Interval('job-watch', LOOK_EVERY_MS)
  look(): void {
    this.lookedAt = this.clock.now();
    this.looking ??= this.beginWhatIsLeft()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'Unfinished jobs could not be looked for'))
      .finally(() => (this.looking = undefined));
  }

  private async beginWhatIsLeft(): Promise<void> {
    const unfinished = await this.claims.unfinished();
    for (const job of this.jobs.all) {
      const slot = job.schedule.latest(this.clock.now());
      if (unfinished.has(job.name)) this.start(job, this.runner.takeOver(job, slot));
      else if (slot && this.isLate(slot)) this.start(job, this.runner.runSlot(job, slot));
    }
  }

  private isLate(slot: Date): boolean {
    return slot > this.startedAt && this.clock.now().getTime() - slot.getTime() < LATE_START_MS;
  }

  /** Runs last long, so nobody waits for them here; the runner does when the service stops. */
  private start(job: Job, run: Promise<unknown>): void {
    run.catch((error: unknown) => this.logger.error({ err: error, job: job.name }, 'A job could not be run'));
  }
}
