import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { Config } from '../../shared/config.js';
import { Unprocessable } from '../../shared/errors.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { refuseWeakPassword } from '../passwords/password.js';
import { PasswordQueue } from '../passwords/password-queue.js';
import { EmailTaken, emailKeyOf, LONGEST_EMAIL, RegistrationClosed, User } from './user.entity.js';
import { UserRepository } from './user.repository.js';

/** Gives a person an account. The first one is the admin; with REGISTRATION=closed, there is no second. */
@Injectable()
export class RegisterUser {
  constructor(
    private readonly users: UserRepository,
    private readonly passwords: PasswordQueue,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** Throws RegistrationClosed, EmailTaken, Unprocessable, Overloaded. */
  async execute(email: string, password: string): Promise<User> {
    const emailKey = emailKeyOf(email);
    if (emailKey.length > LONGEST_EMAIL) {
      throw new Unprocessable({ field: 'email', message: 'The e-mail address is too long. Use another one.' });
    }
    await this.mayRegister(emailKey);
    refuseWeakPassword(password, emailKey, 'password');
    const passwordHash = await this.passwords.hash(password);
    return this.unitOfWork.runAlone('registration', () =>
      this.add(new User(email.trim(), emailKey, passwordHash, this.clock.now())),
    );
  }

  private async add(user: User): Promise<User> {
    if (await this.mayRegister(user.emailKey)) user.promote();
    this.users.add(user);
    await this.users.flush();
    const name = `user:${user.id}`;
    await this.audit.record({ action: 'user.registered', target: name, actor: name });
    return user;
  }

  /** Returns whether this would be the first user. */
  private async mayRegister(emailKey: string): Promise<boolean> {
    const isFirst = (await this.users.count()) === 0;
    if (!isFirst && this.config.REGISTRATION === 'closed') throw new RegistrationClosed();
    if (!isFirst && (await this.users.findByEmail(emailKey))) throw new EmailTaken();
    return isFirst;
  }
}
