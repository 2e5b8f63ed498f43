import { Injectable } from '@nestjs/common';
import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import type { Credits } from '../../open-router/open-router.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import type { TaskRun } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';

/** Keeps what the account behind a management key has bought and used, and that the account was read. */
@Injectable()
export class RecordBalance {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** `credits` is null if this key may not know them. */
  execute(manager: ApiKey, credits: Credits | null, run: TaskRun): Promise<void> {
    return this.unitOfWork.run(async () => {
      await run.stillOurs();
      const key = await this.keys.findToChange(manager.id);
      if (!key || key.secretHash !== manager.secretHash) return;
      key.showBalance(credits);
      key.wasSynced(this.clock.now());
    });
  }
}
