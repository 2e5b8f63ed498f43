import { Injectable } from '@nestjs/common';
import { DomainError, owned } from '../../shared/errors.js';
import { ATTENDED_RUN } from '../../shared/task-run.js';
import type { ApiKey } from '../api-key.entity.js';
import { ApiKeyRepository } from '../api-key.repository.js';
import { KeyCheck } from './key-check.js';
import { KeyVault } from '../keeping/key-vault.js';
import { RecordKeyAnswer } from './record-key-answer.use-case.js';

const CHECKS_PER_MINUTE = 30;

/** The owner of a key wants to know now whether it works. */
@Injectable()
export class ValidateKey {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly vault: KeyVault,
    private readonly check: KeyCheck,
    private readonly record: RecordKeyAnswer,
  ) {}

  async execute(userId: number, id: number): Promise<ApiKey> {
    const key = owned(await this.keys.find(id), userId, 'key');
    const asked = { id, secretHash: key.secretHash };
    const secret = this.vault.open(key);
    const { answer, isConfirmed } = await this.check.ask(secret, `validate:${userId}`, CHECKS_PER_MINUTE);
    const judged = await this.record.execute(asked, answer, ATTENDED_RUN, isConfirmed);
    if (!judged) throw new KeyChangedMeanwhile();
    return judged;
  }
}

/** While OpenRouter was asked, somebody removed the key or gave it another secret. */
export class KeyChangedMeanwhile extends DomainError {
  readonly refusal = 'conflict';
  readonly code = 'key_changed';

  constructor() {
    super('The key was changed or removed while it was being checked. Look at it again, then check it anew.');
  }
}
