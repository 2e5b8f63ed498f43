import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../shared/tokens.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { type Booking, type Call, CallLedger } from '../proxy/call-ledger.port.js';
import type { EndedCall } from './call-record.js';
import { CallStore } from './call-store.js';
import { GatewayFigures } from './gateway-figures.js';

const STORED_EVERY_MS = 500;
const MOST_AT_ONCE = 500;
/** About 100 MB. More can only gather while the database is down for long. */
const MOST_WAITING = 100_000;
/** Others take an instance with open calls for dead when it is silent for much longer. */
const SILENT_AT_MOST_MS = 2_000;

/** Calls wait in memory for half a second at most and are then stored together, so that none waits for a write. */
@Injectable()
export class QueuedCallLedger extends CallLedger implements OnModuleInit, OnApplicationShutdown {
  private readonly instanceId = randomUUID();
  private waiting: EndedCall[] = [];
  private storing: Promise<void> = Promise.resolve();
  private timer?: NodeJS.Timeout;
  private open = 0;
  private notedOpen = 0;
  private notedAt = 0;
  private lost = 0;
  private isFailing = false;

  constructor(
    private readonly store: CallStore,
    private readonly unitOfWork: UnitOfWork,
    private readonly figures: GatewayFigures,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super();
  }

  onModuleInit(): void {
    this.timer = setInterval(() => void this.flush(), STORED_EVERY_MS).unref();
  }

  /** The web server has answered its last request by now, and the database is still there. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
    while (this.waiting.length > 0 && !this.isFailing) await this.flush();
    this.lost += this.waiting.length;
    this.tellLosses();
  }

  begin(): void {
    this.open++;
    this.figures.begin();
  }

  record(call: Call, booking: Booking | null): void {
    this.open--;
    this.figures.end(call.statusCode);
    if (this.waiting.length >= MOST_WAITING) {
      this.lost++;
      return;
    }
    this.waiting.push({ call, booking });
    if (this.waiting.length === MOST_AT_ONCE) void this.flush();
  }

  /** Stores what is waiting, after whatever is being stored. */
  flush(): Promise<void> {
    this.storing = this.storing.then(() => this.storeAll());
    return this.storing;
  }

  private async storeAll(): Promise<void> {
    this.tellLosses();
    if (this.waiting.length === 0 && !this.mustNoteOpen()) return;
    do {
      const calls = this.waiting.splice(0, MOST_AT_ONCE);
      // Those that wait are not in the log yet, either.
      const open = this.open + this.waiting.length;
      try {
        await this.unitOfWork.runUnsynced(() => this.store.write(calls, { instanceId: this.instanceId, open }));
        this.notedOpen = open;
        this.notedAt = performance.now();
        this.isFailing = false;
      } catch (err) {
        this.waiting = [...calls, ...this.waiting];
        this.tellFailure(err);
        break;
      }
      // What has come meanwhile waits for its own half second: small batches cost as much as large ones.
    } while (this.waiting.length >= MOST_AT_ONCE);
    this.figures.waiting = this.waiting.length;
  }

  private mustNoteOpen(): boolean {
    if (this.open !== this.notedOpen) return true;
    return this.open > 0 && performance.now() - this.notedAt >= SILENT_AT_MOST_MS;
  }

  private tellFailure(err: unknown): void {
    if (!this.isFailing)
      this.logger.error({ err, calls: this.waiting.length }, 'The log cannot be stored; trying again.');
    this.isFailing = true;
  }

  private tellLosses(): void {
    if (this.lost === 0) return;
    this.figures.lostCalls += this.lost;
    this.logger.error(
      { alarm: 'request_log_lost', calls: this.lost },
      'Calls were lost because the log could not be stored.',
    );
    this.lost = 0;
  }
}
