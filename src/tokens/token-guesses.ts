import { Injectable } from '@nestjs/common';
import { Config } from '../shared/config.js';
import { networkOf } from '../shared/limits/network.js';
import { RateLimitStore } from '../shared/limits/rate-limit.port.js';

/** How many tokens an address may have looked up in vain, as a multiple of the calls that it may make without a token. */
const LOOKUPS_PER_CALL = 10;
const MOST_REMEMBERED = 10_000;

/**
 * Keeps a flood of invented tokens away from the database. Anybody can make a checksum; an address that had too many
 * tokens looked up in vain is believed only what has worked here before, until its window ends.
 */
@Injectable()
export class TokenGuesses {
  private readonly worked = new Set<string>();
  private readonly allowance: [most: number, windowSeconds: number];

  constructor(
    config: Config,
    private readonly counters: RateLimitStore,
  ) {
    this.allowance = [config.RATE_LIMIT_IP_REQUESTS * LOOKUPS_PER_CALL, config.RATE_LIMIT_IP_WINDOW];
  }

  async mayBeLookedUp(tokenHash: string, ip: string): Promise<boolean> {
    if (this.worked.has(tokenHash)) return true;
    const { allowed } = await this.counters.peek(nameOf(ip), ...this.allowance);
    return allowed;
  }

  wasRight(tokenHash: string): void {
    // Again at the end: the ones that were used longest ago are forgotten first.
    this.worked.delete(tokenHash);
    this.worked.add(tokenHash);
    if (this.worked.size > MOST_REMEMBERED) this.worked.delete(this.worked.values().next().value!);
  }

  async wasWrong(tokenHash: string, ip: string): Promise<void> {
    this.worked.delete(tokenHash);
    await this.counters.hit(nameOf(ip), ...this.allowance);
  }
}

function nameOf(ip: string): string {
  return `api-guess:${networkOf(ip)}`;
}
