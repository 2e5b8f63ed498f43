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
    const counted = await this.throttle.admit(emailKey, ip);
    const { user, isRight } = await this.look(emailKey, password).catch(async (error: unknown) => {
      // Too many wait, or the database is away: that must use up nobody's tries.
      await this.throttle.withdraw(counted).catch(() => undefined);
      throw error;
    });
    if (!user?.isActive || !isRight) {
      await this.throttle.failed(ip);
      return null;
    }
    await this.throttle.succeeded(emailKey);
    return user;
  }

  private async look(emailKey: string, password: string): Promise<{ user: User | null; isRight: boolean }> {
    const user = await this.users.findByEmail(emailKey);
    return { user, isRight: await this.passwords.matches(password, user?.passwordHash ?? NOBODYS_HASH) };
  }
}
