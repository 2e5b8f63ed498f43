import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../../../shared/time/clock.port.js';
import { addDays, dayOf } from '../../../shared/time/period.js';
import { Rounds } from '../../../shared/time/rounds.js';
import { LOGGER } from '../../../shared/tokens.js';
import { PrepareLogDays } from './prepare-log-days.use-case.js';

const LOOKED_EVERY_MS = 3_600_000;

/** Sees to it on every instance that the log has room for the days to come, whatever else is turned off, and tells if not. */
@Injectable()
export class LogDaysKeeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly rounds = new Rounds(
    () => this.prepare(),
    (err) => this.tellFailure(err),
  );

  constructor(
    private readonly prepareLogDays: PrepareLogDays,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Nobody waits for it: without room, rows are kept with all others. */
  onApplicationBootstrap(): void {
    void this.look();
    this.rounds.every(LOOKED_EVERY_MS);
  }

  onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    return this.rounds.end();
  }

  /** A round now, or the one that is under way. Never fails. */
  look(): Promise<void> {
    return this.rounds.now();
  }

  private async prepare(): Promise<void> {
    const without = await this.prepareLogDays.execute(this.stopping.signal);
    if (this.stopping.signal.aborted) return;
    const today = dayOf(this.clock.now());
    for (const { day, why } of without) {
      // There is time enough for the others.
      if (day < today || day > addDays(today, 1)) continue;
      this.logger.warn(
        { day, why: why.message },
        'A day of the log has no partition; its rows go to request_logs_rest.',
      );
    }
  }

  private tellFailure(err: unknown): void {
    if (this.stopping.signal.aborted) return;
    this.logger.warn({ err }, 'Partitions for the next days of the log could not be made; trying again in an hour.');
  }
}
