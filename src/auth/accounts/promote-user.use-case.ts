import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { NotFound } from '../../shared/errors.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { emailKeyOf, type User } from './user.entity.js';
import { UserRepository } from './user.repository.js';

/** Makes a person an admin, from their next request on. For the operator: no route leads here. */
@Injectable()
export class PromoteUser {
  constructor(
    private readonly users: UserRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  /** Throws NotFound if nobody has registered with this address. */
  execute(email: string): Promise<User> {
    return this.unitOfWork.run(async () => {
      const user = await this.users.findByEmail(emailKeyOf(email));
      if (!user) throw new NotFound('user');
      user.promote();
      await this.audit.record({ action: 'user.promoted', target: `user:${user.id}`, actor: 'operator' });
      return user;
    });
  }
}
