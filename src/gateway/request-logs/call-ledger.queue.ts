import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../shared/tokens.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { GatewayPicture } from '../directories/gateway-picture.js';
import { type Call, CallLedger } from '../proxy/call-ledger.port.js';
import { hoursOf, rowOf } from './call-record.js';
import { RequestLogRepository } from './request-log.repository.js';

const STORED_EVERY_MS = 500;
const MOST_AT_ONCE = 500;
/** About 100 MB. More can only gather while the database is down for long. */
const MOST_WAITING = 100_000;

/** Calls wait in memory for half a second at most and are then stored together, so that none waits for a write. */
@Injectable()
export class QueuedCallLedger extends CallLedger implements OnModuleInit, OnApplicationShutdown {
  private waiting: Call[] = [];
  private storing: Promise<void> = Promise.resolve();
  private timer?: NodeJS.Timeout;
  private lost = 0;
  private isFailing = false;

  constructor(
    private readonly logs: RequestLogRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly picture: GatewayPicture,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super();
  }

  onModuleInit(): void {
    this.timer = setInterval(() => void this.store(), STORED_EVERY_MS).unref();
  }

  /** The web server has answered its last request by now, and the database is still there. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.store();
    this.lost += this.waiting.length;
    this.tellLosses();
  }

  record(call: Call): void {
    if (this.waiting.length >= MOST_WAITING) {
      this.lost++;
      return;
    }
    this.waiting.push(call);
    if (this.waiting.length === MOST_AT_ONCE) void this.store();
  }

  /** Stores all that is waiting, after whatever is being stored. */
  store(): Promise<void> {
    this.storing = this.storing.then(() => this.storeAll());
    return this.storing;
  }

  private async storeAll(): Promise<void> {
    this.tellLosses();
    while (this.waiting.length > 0) {
      const calls = this.waiting.splice(0, MOST_AT_ONCE);
      try {
        await this.unitOfWork.run(() => this.write(calls));
        this.isFailing = false;
      } catch (err) {
        this.waiting = [...calls, ...this.waiting];
        if (!this.isFailing)
          this.logger.error({ err, calls: this.waiting.length }, 'The log cannot be stored; trying again.');
        this.isFailing = true;
        return;
      }
    }
  }

  private async write(calls: readonly Call[]): Promise<void> {
    await this.logs.append(calls.map((call) => rowOf(call, this.canBeSettled(call))));
    await this.logs.addToHours(hoursOf(calls));
    await this.logs.recordUses(lastUses(calls));
  }

  /** OpenRouter can be asked later what a call has cost. */
  private canBeSettled({ upstreamId }: Call): boolean {
    return upstreamId !== null && this.picture.upstream(upstreamId)?.provider === 'openrouter';
  }

  private tellLosses(): void {
    if (this.lost === 0) return;
    this.logger.error(
      { alarm: 'request_log_lost', calls: this.lost },
      'Calls were lost because the log could not be stored.',
    );
    this.lost = 0;
  }
}

function lastUses(calls: readonly Call[]): Map<number, Date> {
  const uses = new Map<number, Date>();
  for (const { clientKeyId, startedAt } of calls) {
    if (clientKeyId === null) continue;
    const known = uses.get(clientKeyId);
    if (!known || known < startedAt) uses.set(clientKeyId, startedAt);
  }
  return uses;
}
