import { Injectable } from '@nestjs/common';
import { Config } from '../../shared/config.js';
import { TooManyRequests } from '../../shared/errors.js';
import { networkOf } from '../../shared/limits/network.js';
import { type Allowance, RateLimitStore } from '../../shared/limits/rate-limit.port.js';
import { fingerprint } from '../../shared/secrets/secret.js';

/** A password that somebody wants to have looked at, as it was counted. */
export interface Try {
  name: string;
  counted: Allowance;
}

/** How many accounts' worth of wrong passwords one address may send. */
const ACCOUNTS_PER_ADDRESS = 10;

/**
 * Slows down whoever guesses passwords: a few tries per account, whether it exists or not, and a few accounts per address.
 * Nobody is locked out for longer than the window, and who is logged in stays so.
 */
@Injectable()
export class LoginThrottle {
  private readonly tries: number;
  private readonly windowSeconds: number;

  constructor(
    private readonly limits: RateLimitStore,
    config: Config,
  ) {
    this.tries = config.LOGIN_MAX_ATTEMPTS;
    this.windowSeconds = config.LOGIN_WINDOW;
  }

  /** Counts a try before the password is looked at, so that tries side by side are counted too. Throws TooManyRequests. */
  async admit(emailKey: string, ip: string): Promise<Try> {
    refuseIfSpent(await this.limits.peek(addressName(ip), this.triesOfAddress, this.windowSeconds));
    const name = accountName(emailKey);
    const counted = await this.limits.hit(name, this.tries, this.windowSeconds);
    // A try that is refused is none: it must not stand in the place of one that is given back.
    if (!counted.allowed) await this.withdraw({ name, counted });
    refuseIfSpent(counted);
    return { name, counted };
  }

  /** Nobody has looked at the password: the try is as good as not made. */
  async withdraw({ name, counted }: Try): Promise<void> {
    await this.limits.takeBack(name, counted);
  }

  async failed(ip: string): Promise<void> {
    await this.limits.hit(addressName(ip), this.triesOfAddress, this.windowSeconds);
  }

  async succeeded(emailKey: string): Promise<void> {
    await this.limits.forget(accountName(emailKey));
  }

  private get triesOfAddress(): number {
    return this.tries * ACCOUNTS_PER_ADDRESS;
  }
}

function refuseIfSpent({ allowed, secondsLeft }: Allowance): void {
  if (!allowed) throw new TooManyRequests('Too many tries. Wait before you try again.', secondsLeft);
}

/** An e-mail address has no place in a counter's name, which other programs may see. */
function accountName(emailKey: string): string {
  return `login:${fingerprint(emailKey)}`;
}

function addressName(ip: string): string {
  return `login-ip:${networkOf(ip)}`;
}
