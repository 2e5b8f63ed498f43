import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import type { Principal } from '../../shared/principal.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { SessionRepository } from './session.repository.js';

/** Ends all sessions of a person, the one that asks included: their JWTs are dead at once, on every instance. */
@Injectable()
export class LogOutEverywhere {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  execute(person: Principal): Promise<void> {
    return this.unitOfWork.run(async () => {
      await this.sessions.removeAllOf(person.id);
      await this.audit.record({ action: 'user.logged_out_everywhere', target: `user:${person.id}` });
    });
  }
}
