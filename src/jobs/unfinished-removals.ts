import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { Removals } from '../api-keys/keeping/removals.js';
import { Departures } from '../auth/accounts/departures.js';
import { LOGGER } from '../shared/tokens.js';

/** Goes on, at start and with every clean-up, with accounts and keys that a crash has left half removed. */
@Injectable()
export class UnfinishedRemovals implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly departures: Departures,
    private readonly removals: Removals,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Nobody waits for it: what is half removed cannot be seen. */
  onApplicationBootstrap(): void {
    const { signal } = this.stopping;
    this.running = this.finish(signal).catch((error: unknown) => {
      if (!signal.aborted) this.logger.warn({ err: error }, 'What was half removed will be taken away later');
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Accounts first, whose keys are among those that are removed. */
  async finish(signal: AbortSignal): Promise<{ removals_finished: number }> {
    return { removals_finished: (await this.departures.finishAll(signal)) + (await this.removals.finishAll(signal)) };
  }
}
