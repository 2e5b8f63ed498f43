import { Injectable } from '@nestjs/common';
import type { KeyAnswer } from '../../open-router/open-router.port.js';
import { ATTENDED_RUN, type TaskRun } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import type { ApiKey } from '../api-key.entity.js';
import { ApiKeyRepository } from '../api-key.repository.js';
import { KeyWatch } from './key-watch.js';

/** Stores what OpenRouter answered about a key that was read, then asked about. */
@Injectable()
export class RecordKeyAnswer {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly watch: KeyWatch,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Null, and nothing is stored, when the key has gone or got another secret while OpenRouter was asked. */
  execute(
    asked: Pick<ApiKey, 'id' | 'secretHash'>,
    answer: KeyAnswer,
    run: TaskRun = ATTENDED_RUN,
    isConfirmed = false,
  ): Promise<ApiKey | null> {
    return this.unitOfWork.run(async () => {
      await run.stillOurs();
      const key = await this.keys.findToChange(asked.id);
      if (!key || key.secretHash !== asked.secretHash) return null;
      await this.watch.judge(key, answer, { isConfirmed });
      return key;
    });
  }
}
