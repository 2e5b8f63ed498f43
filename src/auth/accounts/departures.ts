import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clearance } from '../../shared/clearance.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { LOGGER } from '../../shared/tokens.js';
import { tryEach } from '../../shared/try-each.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import type { User } from './user.entity.js';
import { UserRepository } from './user.repository.js';

/** Lets people go: the account is closed at once, and what hangs on it is taken away while others are served. */
@Injectable()
export class Departures {
  constructor(
    private readonly users: UserRepository,
    private readonly clearance: Clearance,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Within a unit of work: from now on nothing of the person's can be read or used. */
  async begin(user: User): Promise<void> {
    const now = this.clock.now();
    user.close(now);
    await this.clearance.retireKeysOf(user.id, now);
  }

  /** The account is closed as it is: what goes wrong here is made up for within minutes. */
  async finish(userId: number): Promise<void> {
    // What failed is in the log by now.
    await this.discard(userId).catch(() => {});
  }

  /** Goes on with what was left unfinished; tells how many accounts that were. Fails after all were tried, if one fails. */
  async finishAll(signal: AbortSignal): Promise<number> {
    const ids = await this.users.listClosedIds();
    await tryEach(ids, (id) => this.discard(id, signal), signal);
    return ids.length;
  }

  private async discard(userId: number, signal?: AbortSignal): Promise<void> {
    try {
      await this.clearance.clearKeysOf(userId, signal);
      await this.unitOfWork.run(() => this.users.discard(userId));
    } catch (error) {
      if (!signal?.aborted) this.logger.warn({ err: error, user: userId }, 'A closed account will be taken away later');
      throw error;
    }
  }
}
