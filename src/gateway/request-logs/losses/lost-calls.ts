import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../../../shared/time/clock.port.js';
import { Rounds } from '../../../shared/time/rounds.js';
import { LOGGER } from '../../../shared/tokens.js';
import { UnitOfWork } from '../../../shared/unit-of-work.port.js';
import { GatewayFigures } from '../gateway-figures.js';
import { OpenCallsRepository } from './open-calls.repository.js';

const LOOKED_EVERY_MS = 5_000;
/** An instance with open calls says every two seconds that it lives. */
const GONE_AFTER_MS = 15_000;
/** After an outage nobody could say so, and everybody has as long as between two looks to say so again. */
const GONE_AT_LAST_LOOK_MS = GONE_AFTER_MS - LOOKED_EVERY_MS;

/** Counts the calls that were under way when an instance was killed: their log rows died with it. */
@Injectable()
export class LostCalls implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly looks = new Rounds(() => this.count());
  /** When the last look began that the database has answered. */
  private lookedAt: number | null = null;

  constructor(
    private readonly openCalls: OpenCallsRepository,
    private readonly figures: GatewayFigures,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.looks.now();
    this.looks.every(LOOKED_EVERY_MS);
  }

  onApplicationShutdown(): Promise<void> {
    return this.looks.end();
  }

  private async count(): Promise<void> {
    const now = this.clock.now().getTime();
    const since = this.lookedAt === null ? now - GONE_AFTER_MS : this.lookedAt - GONE_AT_LAST_LOOK_MS;
    const calls = await this.unitOfWork.run(() => this.openCalls.takeLost(new Date(since)));
    this.lookedAt = now;
    if (calls === 0) return;
    this.figures.lostCalls += calls;
    this.logger.error(
      { alarm: 'request_log_lost', calls },
      'An instance ended with calls under way that are in no log. What they cost is only in the books of the provider.',
    );
  }
}
