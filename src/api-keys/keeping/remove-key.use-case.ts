import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { owned } from '../../shared/errors.js';
import { Clock } from '../../shared/time/clock.port.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import type { ApiKey } from '../api-key.entity.js';
import { ApiKeyRepository } from '../api-key.repository.js';
import { Removals } from './removals.js';

/**
 * Forgets a key, its secret and its usage. At OpenRouter nothing changes. With a user's last management key go the keys
 * that were discovered through it; another one takes over those it lists as well.
 */
@Injectable()
export class RemoveKey {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly audit: AuditLog,
    private readonly removals: Removals,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * The key is gone for everybody at once. Its usage follows in small steps, stays in the statistics for so long, and is
   * gone too when this resolves, unless the database fails: then within minutes.
   */
  async execute(userId: number, id: number): Promise<void> {
    const gone = await this.unitOfWork.run(async () => {
      const key = owned(await this.keys.findToChange(id), userId, 'key');
      const keys = key.kind === 'management' ? [...(await this.discoveredBy(key)), key] : [key];
      for (const one of keys) one.retire(this.clock.now());
      await this.audit.record({ action: 'key.removed', target: `key:${id}` });
      return keys.map((one) => one.id);
    });
    await this.removals.finish(gone);
  }

  private async discoveredBy(manager: ApiKey): Promise<ApiKey[]> {
    const all = await this.keys.listOf(manager.userId);
    if (all.some(({ id, kind, isDead }) => kind === 'management' && id !== manager.id && !isDead)) return [];
    return all.filter(({ kind }) => kind === 'discovered');
  }
}
