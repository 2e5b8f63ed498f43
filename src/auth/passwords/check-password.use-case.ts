import { Injectable } from '@nestjs/common';
import { LoginThrottle } from './login-throttle.js';
import { NOBODYS_HASH } from './password.js';
import { PasswordQueue } from './password-queue.js';
import type { User } from '../accounts/user.entity.js';
import { UserRepository } from '../accounts/user.repository.js';

/** Finds out whether somebody knows the password of an account; counts the try, and takes as long whoever asks. */
@Injectable()
export class CheckPassword {
  constructor(
    private readonly users: UserRepository,
    private readonly passwords: PasswordQueue,
    private readonly throttle: LoginThrottle,
  ) {}

  /** Returns the active user if the password is right, otherwise null. Throws TooManyRequests, Overloaded. */
  async execute(emailKey: string, password: string, ip: string): Promise<User | null> {
    await this.throttle.admit(emailKey, ip);
    const user = await this.users.findByEmail(emailKey);
    const isRight = await this.passwords.matches(password, user?.passwordHash ?? NOBODYS_HASH);
    if (!user?.isActive || !isRight) {
      await this.throttle.failed(ip);
      return null;
    }
    await this.throttle.succeeded(emailKey);
    return user;
  }
}
