import { Injectable } from '@nestjs/common';
import type { ApiKey } from '../../api-keys/api-key.entity.js';
import type { TaskRun } from '../../shared/task-run.js';
import { BookReading } from '../books/book-reading.use-case.js';
import { LinkAccountKeys } from './link-account-keys.use-case.js';
import { PatientOpenRouter } from './patient-open-router.js';
import { RecordBalance } from './record-balance.use-case.js';
import { SyncAccountUsage } from './sync-account-usage.use-case.js';
import { SyncMishaps } from './sync-mishaps.js';
import { type KeyOutcome, readingOf } from './sync-outcome.js';

/** Brings everything up to date that a management key can see: balance, keys, and what each of them has used. */
@Injectable()
export class SyncAccount {
  constructor(
    private readonly openRouter: PatientOpenRouter,
    private readonly linkKeys: LinkAccountKeys,
    private readonly bookReading: BookReading,
    private readonly syncAccountUsage: SyncAccountUsage,
    private readonly recordBalance: RecordBalance,
    private readonly mishaps: SyncMishaps,
  ) {}

  /** Throws what OpenRouter answers when it does not list the keys; what else fails is counted. */
  async execute(manager: ApiKey, secret: string, run: TaskRun): Promise<KeyOutcome> {
    const timed = await this.openRouter.listKeys(secret, run.signal);
    const { linked, discovered } = await this.linkKeys.execute(manager, timed.answer, run);
    const outcome = { isSynced: true, discovered, rows: 0, failures: 0 };
    for (const { key, listed } of linked) {
      await this.mishaps.counting(outcome, key.id, run, async () => {
        await this.bookReading.execute(key, readingOf(timed, listed), run, listed.lastUsedAt);
      });
    }
    await this.syncAccountUsage.execute(manager, linked, secret, outcome, run);
    await this.mishaps.counting(outcome, manager.id, run, async () => {
      await this.recordBalance.execute(manager, await this.openRouter.credits(secret, run.signal), run);
    });
    return outcome;
  }
}
