import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import type { Principal } from '../../shared/principal.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { CheckPassword } from './check-password.use-case.js';
import { refuseWeakPassword } from './password.js';
import { PasswordQueue } from './password-queue.js';
import { SessionRepository } from '../sessions/session.repository.js';
import { emailKeyOf, WrongPassword } from '../accounts/user.entity.js';
import { UserRepository } from '../accounts/user.repository.js';

/** What a person sends to change the password. */
export interface PasswordChange {
  current: string;
  wanted: string;
}

/** Gives an account another password and ends all its sessions but the one that asks. */
@Injectable()
export class ChangePassword {
  constructor(
    private readonly checkPassword: CheckPassword,
    private readonly users: UserRepository,
    private readonly sessions: SessionRepository,
    private readonly passwords: PasswordQueue,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  /** Throws WrongPassword, Unprocessable, TooManyRequests, Overloaded. */
  async execute(person: Principal, { current, wanted }: PasswordChange, ip: string): Promise<void> {
    const emailKey = emailKeyOf(person.email);
    refuseWeakPassword(wanted, emailKey, 'new_password');
    const checked = await this.checkPassword.execute(emailKey, current, ip);
    if (!checked) throw new WrongPassword();
    const { passwordHash } = checked;
    const wantedHash = await this.passwords.hash(wanted);
    await this.unitOfWork.run(async () => {
      const user = await this.users.findToChange(person.id);
      if (user?.passwordHash !== passwordHash) throw new WrongPassword();
      user.passwordHash = wantedHash;
      await this.sessions.removeAllOf(person.id, person.sessionId);
      await this.audit.record({ action: 'password.changed', target: `user:${person.id}` });
    });
  }
}
