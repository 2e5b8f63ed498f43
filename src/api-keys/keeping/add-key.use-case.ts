import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { ApiKey } from '../api-key.entity.js';
import { ApiKeyRepository } from '../api-key.repository.js';
import { type Candidate, KeyIntake } from './key-intake.js';

/** Somebody gives a key into our keeping. */
@Injectable()
export class AddKey {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly intake: KeyIntake,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** A key that a management key has shown before becomes the registered one, with the usage it has. */
  async execute(userId: number, name: string, pasted: string): Promise<ApiKey> {
    const candidate = await this.intake.examine(userId, pasted, null);
    return this.unitOfWork.runAlone(`api-keys:${userId}`, async () => {
      await this.intake.admit(userId, candidate.secretHash, null);
      const key = await this.discoveredOrNew(userId, name, candidate);
      this.intake.store(key, candidate);
      await this.audit.record({ action: 'key.added', target: `key:${key.id}` });
      return key;
    });
  }

  private async discoveredOrNew(userId: number, name: string, candidate: Candidate): Promise<ApiKey> {
    const found = await this.intake.discoveredTwin(userId, candidate);
    // A sync may be changing or removing it at this moment.
    const twin = found && (await this.keys.findToChange(found.id));
    if (twin) {
      twin.name = name;
      return twin;
    }
    const key = new ApiKey(userId, name, 'standard', this.clock.now());
    this.keys.add(key);
    // A secret is sealed for its row, so the row's id must be known first.
    await this.keys.flush();
    return key;
  }
}
