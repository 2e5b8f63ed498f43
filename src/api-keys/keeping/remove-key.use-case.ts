import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { owned } from '../../shared/errors.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { ApiKeyRepository } from '../api-key.repository.js';

/** Forgets a key, its secret and its usage. At OpenRouter nothing changes. */
@Injectable()
export class RemoveKey {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  execute(userId: number, id: number): Promise<void> {
    return this.unitOfWork.run(async () => {
      this.keys.remove(owned(await this.keys.findToChange(id), userId, 'key'));
      await this.audit.record({ action: 'key.removed', target: `key:${id}` });
    });
  }
}
