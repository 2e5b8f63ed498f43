import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../../shared/time/clock.port.js';
import { LOGGER } from '../../shared/tokens.js';
import { RequestLogRepository } from './request-log.repository.js';
import { SettleCall } from './settle-call.use-case.js';

const LOOKED_EVERY_MS = 1_000;
const MOST_AT_ONCE = 20;
const GRACE_MS = 2_000;

/** Sees to it that calls whose answers did not say what they cost, as when a client left early, are asked about later. */
@Injectable()
export class LateSettlement implements OnModuleInit, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private round: Promise<void> | null = null;

  constructor(
    private readonly logs: RequestLogRepository,
    private readonly settleCall: SettleCall,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.settleDue(), LOOKED_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await Promise.race([this.round, pause(GRACE_MS, undefined, { ref: false })]);
  }

  /** One round at a time. */
  settleDue(): Promise<void> {
    this.round ??= this.settleAll()
      .catch((err: unknown) => this.logger.error({ err }, 'Calls could not be settled; trying again.'))
      .finally(() => (this.round = null));
    return this.round;
  }

  private async settleAll(): Promise<void> {
    const due = await this.logs.listDue(this.clock.now(), MOST_AT_ONCE);
    await Promise.all(due.map((call) => this.settleCall.execute(call)));
  }
}
