import { Injectable } from '@nestjs/common';
import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import { KeyVault } from '../../api-keys/keeping/key-vault.js';
import { RecordKeyAnswer } from '../../api-keys/checking/record-key-answer.use-case.js';
import type { KeyAnswer } from '../../open-router/open-router.port.js';
import type { TaskRun } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { PatientOpenRouter, type Timed } from './patient-open-router.js';

/** A key, what it said of itself, and its secret, for whoever has more to ask with it. */
export interface AskedKey extends Timed<KeyAnswer> {
  key: ApiKey;
  secret: string;
}

/** Asks OpenRouter about one key and keeps what that says of its status and limits. */
@Injectable()
export class AskKey {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly vault: KeyVault,
    private readonly openRouter: PatientOpenRouter,
    private readonly recordAnswer: RecordKeyAnswer,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Null when there is nothing to ask: the key has gone, is inactive, has no secret, or got another one meanwhile. */
  async execute(keyId: number, run: TaskRun): Promise<AskedKey | null> {
    const found = await this.unitOfWork.run(() => this.keys.find(keyId));
    if (!found?.isActive || found.sealedSecret === null) return null;
    const secret = this.vault.open(found);
    const timed = await this.openRouter.describeKey(secret, run.signal);
    run.signal.throwIfAborted();
    const key = await this.recordAnswer.execute(found, timed.answer, run);
    return key && { ...timed, key, secret };
  }
}
