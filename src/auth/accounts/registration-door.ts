import { Injectable } from '@nestjs/common';
import { Config } from '../../shared/config.js';
import { UserRepository } from './user.repository.js';

/** Whether somebody may make an account now: always the first person, others unless REGISTRATION is closed. */
@Injectable()
export class RegistrationDoor {
  constructor(
    private readonly users: UserRepository,
    private readonly config: Config,
  ) {}

  async isOpen(): Promise<boolean> {
    return this.config.REGISTRATION === 'open' || (await this.users.count()) === 0;
  }
}
