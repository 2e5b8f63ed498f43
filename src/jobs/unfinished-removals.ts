import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Removals } from '../api-keys/keeping/removals.js';
import { Departures } from '../auth/accounts/departures.js';
import { Rounds } from '../shared/time/rounds.js';
import { LOGGER } from '../shared/tokens.js';
import { tryEach } from '../shared/try-each.js';

const LOOK_EVERY_MS = 3 * 60_000;

/** Goes on, when the service starts, every few minutes and with every clean-up, with accounts and keys that were left half removed. */
@Injectable()
export class UnfinishedRemovals implements BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly looks = new Rounds(
    async () => void (await this.finish(this.stopping.signal)),
    (error) => this.postpone(error),
  );

  constructor(
    private readonly departures: Departures,
    private readonly removals: Removals,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Nobody waits for it: it cannot be used any more, and what is left of its usage is in all figures alike. */
  begin(): void {
    void this.looks.now();
    this.looks.every(LOOK_EVERY_MS);
  }

  beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    return this.looks.end();
  }

  /** Accounts first, whose keys are among those that are removed. Instances that look at once do not disturb each other. */
  async finish(signal: AbortSignal): Promise<{ removals_finished: number }> {
    const figures = { removals_finished: 0 };
    const finish = async (kind: Departures | Removals) => {
      figures.removals_finished += await kind.finishAll(signal);
    };
    await tryEach([this.departures, this.removals], finish, signal);
    return figures;
  }

  private postpone(error: unknown): void {
    if (this.stopping.signal.aborted) return;
    this.logger.warn({ err: error }, 'What was half removed will be taken away later');
  }
}
