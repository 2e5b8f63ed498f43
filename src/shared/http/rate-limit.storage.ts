import type { ThrottlerStorage } from '@nestjs/throttler';
import type { RateLimitStore } from '../limits/rate-limit.port.js';

/** Lets the guards of @nestjs/throttler count where everything else is counted. They think in milliseconds. */
export class RateLimitStorage implements ThrottlerStorage {
  constructor(private readonly counters: RateLimitStore) {}

  async increment(key: string, ttl: number, limit: number): ReturnType<ThrottlerStorage['increment']> {
    const { allowed, remaining, secondsLeft } = await this.counters.hit(key, limit, ttl / 1000);
    return {
      totalHits: allowed ? limit - remaining : limit + 1,
      timeToExpire: secondsLeft,
      isBlocked: !allowed,
      timeToBlockExpire: secondsLeft,
    };
  }
}
