import { setTimeout as pause } from 'node:timers/promises';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { NOTICED_WITHIN_MS, type RedisLink } from './redis-link.js';
import type { RedisState } from './redis-state.port.js';
import type { MemoryWindowCounters } from './window-counters.memory.js';
import { type CountedWindow, WindowCounters } from './window-counters.port.js';
import type { RedisWindowCounters } from './window-counters.redis.js';

/** Other instances find Redis back a little earlier or later. */
const OVERLAP_MS = 2 * NOTICED_WITHIN_MS;

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
export class SwitchingCounters extends WindowCounters implements RedisState, OnModuleInit, OnApplicationShutdown {
  private state: 'redis' | 'returning' | 'away' = 'away';
  private carriedOver: Promise<void> | null = Promise.resolve();
  private returns = 0;
  private isToldOf = false;

  constructor(
    private readonly counters: Counters,
    private readonly link: RedisLink,
    private readonly logger: Logger,
  ) {
    super();
  }

  get status(): 'up' | 'down' {
    return this.state === 'away' ? 'down' : 'up';
  }

  onModuleInit(): void {
    this.link.open(
      () => void this.isBack(),
      (reason) => this.isAway(reason),
    );
  }

  onApplicationShutdown(): Promise<void> {
    return this.link.close();
  }

  async hit(name: string, windowSeconds: number): Promise<CountedWindow> {
    const counted =
      (await this.onRedis((redis) => redis.hit(name, windowSeconds))) ?? (await this.hitStandIn(name, windowSeconds));
    this.counters.seen.note(name, counted);
    return counted;
  }

  async find(name: string): Promise<CountedWindow | null> {
    const found = await this.onRedis(async (redis) => ({ window: await redis.find(name) }));
    if (found) return found.window;
    await this.carryOver();
    return this.counters.standIn.find(name);
  }

  async forget(name: string): Promise<void> {
    await this.counters.seen.forget(name);
    const isForgotten = await this.onRedis(async (redis) => {
      await redis.forget(name);
      return true;
    });
    if (isForgotten) return;
    await this.counters.standIn.forget(name);
    if (this.state === 'returning') await this.counters.redis.forget(name).catch((error) => this.isAway(error));
  }

  async raise(...[windows]: Parameters<WindowCounters['raise']>): Promise<void> {
    await this.counters.seen.raise(windows);
    await this.onRedis((redis) => redis.raise(windows));
    await this.counters.standIn.raise(windows);
  }

  /** Undefined when Redis is not the one to ask. */
  private async onRedis<T>(ask: (redis: WindowCounters) => Promise<T>): Promise<T | undefined> {
    if (this.state !== 'redis') return undefined;
    try {
      return await ask(this.counters.redis);
    } catch (error) {
      this.isAway(error);
      return undefined;
    }
  }

  private async hitStandIn(name: string, windowSeconds: number): Promise<CountedWindow> {
    const { redis, standIn } = this.counters;
    await this.carryOver();
    const counted = await standIn.hit(name, windowSeconds);
    if (this.state === 'away') return counted;
    try {
      return await redis.hitOnTopOf(name, counted);
    } catch (error) {
      this.isAway(error);
      return counted;
    }
  }

  private isAway(reason: unknown): void {
    if (this.state === 'away') {
      this.tell(reason);
      return;
    }
    this.state = 'away';
    this.carriedOver = null;
    this.link.hangUp();
    this.tell(reason);
    void this.carryOver().catch(() => undefined);
  }

  private tell(reason: unknown): void {
    if (this.isToldOf) return;
    this.isToldOf = true;
    const err = reason instanceof Error ? { type: reason.name, message: reason.message } : undefined;
    this.logger.warn({ err }, 'Redis is away; limits are counted without it until it is back');
  }

  /** Brings what was counted in Redis to the stand-in, and waits until the other instances have done so too. */
  private carryOver(): Promise<void> {
    this.carriedOver ??= Promise.all([
      this.counters.standIn.raise(this.counters.seen.openWindows()),
      this.returns > 0 && pause(NOTICED_WITHIN_MS),
    ]).then(
      () => undefined,
      (error: unknown) => {
        this.carriedOver = null;
        throw error;
      },
    );
    return this.carriedOver;
  }

  /** Counts in both places until the other instances have found Redis too. */
  private async isBack(): Promise<void> {
    this.state = 'returning';
    const thisReturn = ++this.returns;
    try {
      await this.counters.redis.raise(this.counters.seen.openWindows());
    } catch (error) {
      this.isAway(error);
      return;
    }
    await pause(OVERLAP_MS, undefined, { ref: false });
    if (this.state !== 'returning' || this.returns !== thisReturn) return;
    this.state = 'redis';
    this.logger.info(this.isToldOf ? 'Redis is back; limits are counted in it again' : 'Limits are counted in Redis');
    this.isToldOf = false;
  }
}
