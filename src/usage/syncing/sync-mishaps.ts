import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { isFromOpenRouter } from '../../open-router/open-router.port.js';
import { DomainError } from '../../shared/errors.js';
import type { TaskRun } from '../../shared/task-run.js';
import { LOGGER } from '../../shared/tokens.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import type { KeyOutcome } from './sync-outcome.js';

/** What goes wrong with one key must not stop the others; what ends the whole run must. */
@Injectable()
export class SyncMishaps {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Takes a step; if it goes wrong, writes that down, counts it and returns what it was. */
  async counting(outcome: KeyOutcome, apiKeyId: number, run: TaskRun, step: () => Promise<unknown>): Promise<unknown> {
    try {
      await step();
      return null;
    } catch (error) {
      await this.note(error, apiKeyId, run);
      outcome.failures++;
      return error;
    }
  }

  /** Writes it down. Throws when the run was aborted, or is not ours any more, or the database does not answer. */
  async note(error: unknown, apiKeyId: number, run: TaskRun): Promise<void> {
    run.signal.throwIfAborted();
    await this.unitOfWork.run(() => run.stillOurs());
    if (isFromOpenRouter(error) || error instanceof DomainError) {
      this.logger.warn({ api_key_id: apiKeyId, error: error.name }, 'The usage of a key could not be read');
    } else {
      this.logger.error({ api_key_id: apiKeyId, err: error }, 'The usage of a key could not be booked');
    }
  }
}
