import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clearance } from '../../shared/clearance.port.js';
import { LOGGER } from '../../shared/tokens.js';
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
    try {
      for (const id of ids) await this.discard(id);
    } catch (error) {
      this.logger.warn({ err: error }, 'A removed key will be taken away later');
    }
  }

  /** Goes on with what was left unfinished; tells how many keys that were. */
  async finishAll(signal: AbortSignal): Promise<number> {
    const ids = await this.unitOfWork.run(() => this.keys.listRemovedIds());
    for (const id of ids) await this.discard(id, signal);
    return ids.length;
  }

  private async discard(id: number, signal?: AbortSignal): Promise<void> {
    await this.clearance.clearKey(id, signal);
    await this.unitOfWork.run(() => this.keys.discard(id));
  }
}
