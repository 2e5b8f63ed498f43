import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clearance } from '../../shared/clearance.port.js';
import { LOGGER } from '../../shared/tokens.js';
import { tryEach } from '../../shared/try-each.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { ApiKeyRepository } from '../api-key.repository.js';

/** Takes removed keys away for good with all that hangs on them, while others are served. */
@Injectable()
export class Removals {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly clearance: Clearance,
    private readonly unitOfWork: UnitOfWork,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Nobody finds the keys any more as it is: what goes wrong here is made up for within minutes. */
  async finish(ids: readonly number[]): Promise<void> {
    // What failed is in the log by now.
    await tryEach(ids, (id) => this.discard(id)).catch(() => {});
  }

  /** Goes on with what was left unfinished; tells how many keys that were. Fails after all were tried, if one fails. */
  async finishAll(signal: AbortSignal): Promise<number> {
    const ids = await this.keys.listRemovedIds();
    await tryEach(ids, (id) => this.discard(id, signal), signal);
    return ids.length;
  }

  private async discard(id: number, signal?: AbortSignal): Promise<void> {
    try {
      await this.clearance.clearKey(id, signal);
      await this.unitOfWork.run(() => this.keys.discard(id));
    } catch (error) {
      if (!signal?.aborted) this.logger.warn({ err: error, key: id }, 'A removed key will be taken away later');
      throw error;
    }
  }
}
