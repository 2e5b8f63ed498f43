import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../shared/time/clock.port.js';
import { LOGGER } from '../shared/tokens.js';
import { UnitOfWork } from '../shared/unit-of-work.port.js';
import { TokenRepository } from './token.repository.js';

const STORED_EVERY_MS = 1_000;

/** When tokens were last used: kept in memory for up to a second, so that no call of the public API waits for a write. */
@Injectable()
export class TokenUses implements OnModuleInit, OnApplicationShutdown {
  private uses = new Map<number, Date>();
  private storing: Promise<void> = Promise.resolve();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly tokens: TokenRepository,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.store(), STORED_EVERY_MS).unref();
  }

  /** The web server has answered its last request by now, and the database is still there. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.store();
  }

  note(tokenId: number): void {
    this.uses.set(tokenId, this.clock.now());
  }

  /** Stores what was noted so far, each token once, after whatever is being stored. */
  store(): Promise<void> {
    this.storing = this.storing.then(() => this.storeNoted());
    return this.storing;
  }

  private async storeNoted(): Promise<void> {
    if (this.uses.size === 0) return;
    const noted = this.uses;
    this.uses = new Map();
    try {
      await this.unitOfWork.run(() => this.tokens.recordUses(noted));
    } catch (err) {
      this.logger.warn({ err, tokens: noted.size }, 'The last use of tokens could not be stored; trying again');
      this.uses = new Map([...noted, ...this.uses]);
    }
  }
}
