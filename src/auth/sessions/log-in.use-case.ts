import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { CheckPassword } from '../passwords/check-password.use-case.js';
import { OpenSession } from './open-session.use-case.js';
import { needsUpgrade } from '../passwords/password.js';
import { PasswordQueue } from '../passwords/password-queue.js';
import type { Client } from './session.entity.js';
import type { Pass } from './session-token.js';
import { emailKeyOf, InvalidCredentials } from '../accounts/user.entity.js';
import { UserRepository } from '../accounts/user.repository.js';

/** Lets a person in who knows the password, and hashes it anew if it was hashed more weakly than is done today. */
@Injectable()
export class LogIn {
  constructor(
    private readonly checkPassword: CheckPassword,
    private readonly users: UserRepository,
    private readonly passwords: PasswordQueue,
    private readonly openSession: OpenSession,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Throws InvalidCredentials, TooManyRequests, Overloaded. */
  async execute(email: string, password: string, client: Client): Promise<Pass> {
    const checked = await this.checkPassword.execute(emailKeyOf(email), password, client.ip);
    if (!checked) throw new InvalidCredentials();
    const { id, passwordHash } = checked;
    const upgraded = needsUpgrade(password, passwordHash) ? await this.passwords.hash(password) : passwordHash;
    return this.unitOfWork.run(async () => {
      const user = await this.users.findToChange(id);
      // The password was right a moment ago; meanwhile it may have been changed, or the account deleted.
      if (!user?.isActive || user.passwordHash !== passwordHash) throw new InvalidCredentials();
      user.passwordHash = upgraded;
      return this.openSession.execute(id, client);
    });
  }
}
