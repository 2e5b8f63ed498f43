import { Clock } from '../shared/time/clock.port.js';
import { type Allowance, RateLimitStore } from '../shared/limits/rate-limit.port.js';
import { WindowCounters } from './window-counters.port.js';

/** Compares what is counted with what is allowed. */
export class CountedRateLimits extends RateLimitStore {
  constructor(
    private readonly counters: WindowCounters,
    private readonly clock: Clock,
  ) {
    super();
  }

  async hit(name: string, limit: number, windowSeconds: number): Promise<Allowance> {
    const { hits, endsAt } = await this.counters.hit(name, windowSeconds);
    return this.allowance(hits, limit, endsAt);
  }

  async peek(name: string, limit: number, windowSeconds: number): Promise<Allowance> {
    const open = await this.counters.find(name);
    return this.allowance((open?.hits ?? 0) + 1, limit, open?.endsAt ?? this.now() + windowSeconds * 1000);
  }

  takeBack(name: string, { endsAt }: Allowance): Promise<void> {
    return this.counters.takeBack(name, endsAt);
  }

  forget(name: string): Promise<void> {
    return this.counters.forget(name);
  }

  private allowance(hits: number, limit: number, endsAt: number): Allowance {
    return {
      allowed: hits <= limit,
      limit,
      remaining: Math.max(0, limit - hits),
      endsAt,
      secondsLeft: Math.max(1, Math.ceil((endsAt - this.now()) / 1000)),
    };
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
