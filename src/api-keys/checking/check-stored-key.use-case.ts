import { Injectable } from '@nestjs/common';
import { type KeyAnswer, OpenRouter } from '../../open-router/open-router.port.js';
import type { TaskRun } from '../../shared/task-run.js';
import type { ApiKey } from '../api-key.entity.js';
import { KeyVault, SecretUnreadable } from '../keeping/key-vault.js';
import { RecordKeyAnswer } from './record-key-answer.use-case.js';

/** Asks OpenRouter about one stored key, once, and stores the answer. */
@Injectable()
export class CheckStoredKey {
  constructor(
    private readonly vault: KeyVault,
    private readonly openRouter: OpenRouter,
    private readonly record: RecordKeyAnswer,
  ) {}

  /** `isConfirmed`: the key was refused minutes ago. Null when the run was stopped before the answer came. */
  async execute(key: ApiKey, run: TaskRun, isConfirmed: boolean): Promise<KeyAnswer | null> {
    const asked = { id: key.id, secretHash: key.secretHash };
    const answer = await this.ask(key, run.signal);
    // An answer that nobody waited for says nothing about OpenRouter.
    if (run.signal.aborted) return null;
    await this.record.execute(asked, answer, run, isConfirmed);
    return answer;
  }

  /** A key whose secret cannot be read cannot be checked: its owner hears of it as of any other that cannot. */
  private async ask(key: ApiKey, signal: AbortSignal): Promise<KeyAnswer> {
    try {
      return await this.openRouter.describeKey(this.vault.open(key), signal);
    } catch (error) {
      if (!(error instanceof SecretUnreadable)) throw error;
      return { outcome: 'unclear', detail: error.message };
    }
  }
}
