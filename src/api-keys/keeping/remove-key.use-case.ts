import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { owned } from '../../shared/errors.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import type { ApiKey } from '../api-key.entity.js';
import { ApiKeyRepository } from '../api-key.repository.js';

/**
 * Forgets a key, its secret and its usage. At OpenRouter nothing changes. With a user's last management key go the keys
 * that were discovered through it; another one takes over those it lists as well.
 */
@Injectable()
export class RemoveKey {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  execute(userId: number, id: number): Promise<void> {
    return this.unitOfWork.run(async () => {
      const key = owned(await this.keys.findToChange(id), userId, 'key');
      if (key.kind === 'management') await this.removeDiscovered(key);
      this.keys.remove(key);
      await this.audit.record({ action: 'key.removed', target: `key:${id}` });
    });
  }

  private async removeDiscovered(manager: ApiKey): Promise<void> {
    const all = await this.keys.listOf(manager.userId);
    if (all.some(({ id, kind, isDead }) => kind === 'management' && id !== manager.id && !isDead)) return;
    for (const key of all) if (key.kind === 'discovered') this.keys.remove(key);
  }
}
