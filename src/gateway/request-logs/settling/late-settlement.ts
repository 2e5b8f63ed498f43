import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../../../shared/time/clock.port.js';
import { Rounds } from '../../../shared/time/rounds.js';
import { LOGGER } from '../../../shared/tokens.js';
import { RequestLogRepository } from '../request-log.repository.js';
import { SettleCall } from './settle-call.use-case.js';

const LOOKED_EVERY_MS = 1_000;
const MOST_AT_ONCE = 20;
const GRACE_MS = 2_000;
/** Much longer than the longest call and all the tries after it. */
const RECENT_MS = 2 * 86_400_000;

/** Sees to it that calls whose answers did not say what they cost, as when a client left early, are asked about later. */
@Injectable()
export class LateSettlement implements OnModuleInit, OnApplicationShutdown {
  /** Whether nothing is due any more that was left over when the service was down for long. */
  private hasCaughtUp = false;
  private readonly rounds = new Rounds(
    () => this.settleAll(),
    (err) => this.logger.error({ err }, 'Calls could not be settled; trying again.'),
  );

  constructor(
    private readonly logs: RequestLogRepository,
    private readonly settleCall: SettleCall,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.rounds.every(LOOKED_EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.race([this.rounds.end(), pause(GRACE_MS, undefined, { ref: false })]);
  }

  /** One round at a time. */
  settleDue(): Promise<void> {
    return this.rounds.now();
  }

  private async settleAll(): Promise<void> {
    const now = this.clock.now();
    const recently = new Date(now.getTime() - RECENT_MS);
    const due = await this.logs.listDue(now, MOST_AT_ONCE, this.hasCaughtUp ? recently : new Date(0));
    this.hasCaughtUp ||= due.every(({ createdAt }) => createdAt >= recently);
    await Promise.all(due.map((call) => this.settleCall.execute(call)));
  }
}
