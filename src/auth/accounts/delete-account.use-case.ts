import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import type { Principal } from '../../shared/principal.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { CheckPassword } from '../passwords/check-password.use-case.js';
import { Departures } from './departures.js';
import { emailKeyOf, WrongPassword } from './user.entity.js';
import { UserRepository } from './user.repository.js';

/**
 * Takes an account away for good, and with it everything that is the person's: a long history in small steps, the rest by
 * the database's foreign keys.
 */
@Injectable()
export class DeleteAccount {
  constructor(
    private readonly checkPassword: CheckPassword,
    private readonly users: UserRepository,
    private readonly departures: Departures,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  /** Throws WrongPassword, TooManyRequests, Overloaded. */
  async execute(person: Principal, password: string, ip: string): Promise<void> {
    const checked = await this.checkPassword.execute(emailKeyOf(person.email), password, ip);
    if (!checked) throw new WrongPassword();
    const { passwordHash } = checked;
    await this.unitOfWork.run(async () => {
      const user = await this.users.findToChange(person.id);
      if (user?.passwordHash !== passwordHash) throw new WrongPassword();
      await this.departures.begin(user);
      await this.audit.record({ action: 'account.deleted', target: `user:${person.id}` });
      await this.audit.forgetAddressesOf(person.id);
    });
    await this.departures.finish(person.id);
  }
}
