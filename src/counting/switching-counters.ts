import type { Movable, RedisSwitch } from './redis-switch.js';
import type { MemoryWindowCounters } from './window-counters.memory.js';
import { type CountedWindow, WindowCounters } from './window-counters.port.js';
import type { RedisWindowCounters } from './window-counters.redis.js';

/** Where hits are counted. */
export interface Counters {
  redis: RedisWindowCounters;
  /** Where hits are counted while Redis is away. */
  standIn: WindowCounters;
  /** What this instance has seen of either. */
  seen: MemoryWindowCounters;
}

/**
 * Counts in Redis, and in the database while Redis is away. What was counted in one is carried over to the other, and
 * where instances cannot agree for a moment, hits are rather counted twice than not at all: nobody gets an allowance twice.
 */
export class SwitchingCounters extends WindowCounters implements Movable {
  constructor(
    private readonly counters: Counters,
    private readonly redis: RedisSwitch,
  ) {
    super();
    redis.moves(this);
  }

  async hit(name: string, windowSeconds: number): Promise<CountedWindow> {
    const counted =
      (await this.redis.onRedis(() => this.counters.redis.hit(name, windowSeconds))) ??
      (await this.hitStandIn(name, windowSeconds));
    this.counters.seen.note(name, counted);
    return counted;
  }

  async find(name: string): Promise<CountedWindow | null> {
    const found = await this.redis.onRedis(async () => ({ window: await this.counters.redis.find(name) }));
    if (found) return found.window;
    await this.redis.movedToStandIn();
    return this.counters.standIn.find(name);
  }

  /** What this instance has seen stays: should it have to be carried over, it is rather a hit too many. */
  takeBack(name: string, endsAt: number): Promise<void> {
    return this.everywhere((counters) => counters.takeBack(name, endsAt));
  }

  async forget(name: string): Promise<void> {
    await this.counters.seen.forget(name);
    await this.everywhere((counters) => counters.forget(name));
  }

  async raise(...[windows]: Parameters<WindowCounters['raise']>): Promise<void> {
    await this.counters.seen.raise(windows);
    await this.redis.onRedis(() => this.counters.redis.raise(windows));
    await this.counters.standIn.raise(windows);
  }

  toStandIn(): Promise<void> {
    return this.counters.standIn.raise(this.counters.seen.openWindows());
  }

  toRedis(): Promise<void> {
    return this.counters.redis.raise(this.counters.seen.openWindows());
  }

  /** Wherever hits of that name may stand now. */
  private async everywhere(change: (counters: WindowCounters) => Promise<void>): Promise<void> {
    const isDone = await this.redis.onRedis(async () => {
      await change(this.counters.redis);
      return true;
    });
    if (isDone) return;
    await change(this.counters.standIn);
    if (this.redis.isReturning) await this.redis.ifItAnswers(() => change(this.counters.redis));
  }

  private async hitStandIn(name: string, windowSeconds: number): Promise<CountedWindow> {
    const { redis, standIn } = this.counters;
    await this.redis.movedToStandIn();
    const counted = await standIn.hit(name, windowSeconds);
    return (await this.redis.ifItAnswers(() => redis.hitOnTopOf(name, counted))) ?? counted;
  }
}
