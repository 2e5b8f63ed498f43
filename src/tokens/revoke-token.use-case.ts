import { Injectable } from '@nestjs/common';
import { AuditLog } from '../shared/audit.port.js';
import { Clock } from '../shared/time/clock.port.js';
import { owned } from '../shared/errors.js';
import { UnitOfWork } from '../shared/unit-of-work.port.js';
import { TokenRepository } from './token.repository.js';

@Injectable()
export class RevokeToken {
  constructor(
    private readonly tokens: TokenRepository,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** From now on the token opens nothing. Revoking twice changes nothing. */
  execute(userId: number, id: number): Promise<void> {
    return this.unitOfWork.runAlone(`token ${id}`, async () => {
      const token = owned(await this.tokens.find(id), userId, 'token');
      if (token.revoke(this.clock.now())) await this.audit.record({ action: 'token.revoked', target: `token:${id}` });
    });
  }
}
