import { Injectable } from '@nestjs/common';
import type { KeyFacts } from '../../open-router/open-router.port.js';
import type { TaskRun } from '../../shared/task-run.js';
import { AskKey } from './ask-key.use-case.js';
import { BookReading } from '../books/book-reading.use-case.js';
import type { Timed } from './patient-open-router.js';
import { SyncAccount } from './sync-account.use-case.js';
import { type KeyOutcome, readingOf } from './sync-outcome.js';

/** Brings the usage of one key up to date; of a management key, that of its whole account. */
@Injectable()
export class SyncKey {
  constructor(
    private readonly askKey: AskKey,
    private readonly bookReading: BookReading,
    private readonly syncAccount: SyncAccount,
  ) {}

  /** Twice in a row, or twice at once, gives the same as once. Null when there was nothing to do. */
  async execute(keyId: number, run: TaskRun): Promise<KeyOutcome | null> {
    const asked = await this.askKey.execute(keyId, run);
    if (!asked) return null;
    const { key, secret, answer, ...times } = asked;
    if (answer.outcome !== 'known') return { isSynced: false, discovered: 0, rows: 0, failures: 1 };
    if (answer.facts.isManagement) return this.syncAccount.execute(key, secret, run);
    const timed: Timed<KeyFacts> = { ...times, answer: answer.facts };
    const isSynced = await this.bookReading.execute(key, readingOf(timed, answer.facts), run);
    return { isSynced, discovered: 0, rows: 0, failures: 0 };
  }
}
