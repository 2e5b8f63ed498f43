import { availableParallelism } from 'node:os';
import { Injectable } from '@nestjs/common';
import { Overloaded } from '../../shared/errors.js';
import { hashPassword, verifyPassword } from './password.js';

/** One core is left for everything else where there are so few. */
const AT_ONCE = availableParallelism() > 2 ? 2 : 1;
const MOST_WAITING = 50;
const RETRY_AFTER_SECONDS = 5;

/**
 * Hashing a password is slow on purpose, so it is done one after the other, and when too many wait the next is turned
 * away (Overloaded): a flood of logins keeps nobody from their figures.
 */
@Injectable()
export class PasswordQueue {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  hash(password: string): Promise<string> {
    return this.inTurn(() => hashPassword(password));
  }

  matches(password: string, hash: string): Promise<boolean> {
    return this.inTurn(() => verifyPassword(password, hash));
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < AT_ONCE) this.running++;
    else await this.turn();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= MOST_WAITING) {
      throw new Overloaded(
        'Too many people are logging in right now. Try again in a few seconds.',
        RETRY_AFTER_SECONDS,
      );
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
