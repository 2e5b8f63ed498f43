import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { owned, Unprocessable } from '../../shared/errors.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import type { ApiKey } from '../api-key.entity.js';
import { ApiKeyRepository } from '../api-key.repository.js';
import { KeyIntake } from './key-intake.js';

/** What is to be different; what is not given stays. */
export interface KeyChanges {
  name?: string;
  isSwitchedOn?: boolean;
  /** A new secret, as it was pasted. */
  pasted?: string;
}

/** Renames a key, switches it off or on, replaces its secret. */
@Injectable()
export class ChangeKey {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly intake: KeyIntake,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Switching a dead key on does not bring it back; a secret that works does. */
  async execute(userId: number, id: number, { name, isSwitchedOn, pasted }: KeyChanges): Promise<ApiKey> {
    if (name === undefined && isSwitchedOn === undefined && pasted === undefined) throw nothingToChange();
    const found = owned(await this.keys.find(id), userId, 'key');
    const candidate = pasted === undefined ? undefined : await this.intake.examine(userId, pasted, found);
    return this.unitOfWork.runAlone(`api-keys:${userId}`, async () => {
      const key = owned(await this.keys.findToChange(id), userId, 'key');
      if (candidate) {
        await this.intake.admit(userId, candidate.secretHash, key);
        this.intake.store(key, candidate);
      }
      key.name = name ?? key.name;
      key.isSwitchedOn = isSwitchedOn ?? key.isSwitchedOn;
      await this.audit.record({ action: candidate ? 'key.replaced' : 'key.changed', target: `key:${id}` });
      return key;
    });
  }
}

function nothingToChange(): Unprocessable {
  return new Unprocessable({ field: 'name', message: 'Give at least one of name, is_active and key.' });
}
