import { setTimeout as pause } from 'node:timers/promises';
import type { OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { NOTICED_WITHIN_MS, type RedisLink } from './redis-link.js';
import type { RedisState } from './redis-state.port.js';

/** Other instances find Redis back a little earlier or later. */
const OVERLAP_MS = 2 * NOTICED_WITHIN_MS;

/** Counts that move between Redis and what stands in for it. */
export interface Movable {
  /** Brings what was counted in Redis to the stand-in. */
  toStandIn(): Promise<void>;
  /** Brings what this instance knows to a Redis that is back. */
  toRedis(): Promise<void>;
}

/** Whether counting is done in Redis, in its stand-in, or for a moment in both; and the change from one to the other. */
export class RedisSwitch implements RedisState, OnModuleInit {
  private state: 'redis' | 'returning' | 'away' = 'away';
  private readonly movables: Movable[] = [];
  private moved: Promise<void> | null = Promise.resolve();
  private returns = 0;
  private isToldOf = false;

  constructor(
    readonly link: RedisLink,
    private readonly logger: Logger,
  ) {}

  get status(): 'up' | 'down' {
    return this.state === 'away' ? 'down' : 'up';
  }

  /** Whether Redis has been back for a moment only: what is counted in the stand-in is counted there too. */
  get isReturning(): boolean {
    return this.state === 'returning';
  }

  moves(what: Movable): void {
    this.movables.push(what);
  }

  onModuleInit(): void {
    this.link.open(
      () => void this.isBack(),
      (reason) => this.isAway(reason),
    );
  }

  /** Undefined when Redis is not the one to ask. */
  async onRedis<T>(ask: () => Promise<T>): Promise<T | undefined> {
    return this.state === 'redis' ? this.ifItAnswers(ask) : undefined;
  }

  /** Undefined when Redis is away, or is from now on. */
  async ifItAnswers<T>(ask: () => Promise<T>): Promise<T | undefined> {
    if (this.state === 'away') return undefined;
    try {
      return await ask();
    } catch (error) {
      this.isAway(error);
      return undefined;
    }
  }

  /** Resolves when the stand-in knows what was counted in Redis, from this instance and from the others. */
  movedToStandIn(): Promise<void> {
    this.moved ??= Promise.all([
      ...this.movables.map((movable) => movable.toStandIn()),
      this.returns > 0 && pause(NOTICED_WITHIN_MS),
    ]).then(
      () => undefined,
      (error: unknown) => {
        this.moved = null;
        throw error;
      },
    );
    return this.moved;
  }

  private isAway(reason: unknown): void {
    if (this.state === 'away') {
      this.tell(reason);
      return;
    }
    this.state = 'away';
    this.moved = null;
    this.link.hangUp();
    this.tell(reason);
    void this.movedToStandIn().catch(() => undefined);
  }

  private tell(reason: unknown): void {
    if (this.isToldOf) return;
    this.isToldOf = true;
    const err = reason instanceof Error ? { type: reason.name, message: reason.message } : undefined;
    this.logger.warn({ err }, 'Redis is away; limits are counted without it until it is back');
  }

  /** Counts in both places until the other instances have found Redis too. */
  private async isBack(): Promise<void> {
    this.state = 'returning';
    const thisReturn = ++this.returns;
    const isTold = await this.ifItAnswers(() => Promise.all(this.movables.map((movable) => movable.toRedis())));
    if (!isTold) return;
    await pause(OVERLAP_MS, undefined, { ref: false });
    if (this.state !== 'returning' || this.returns !== thisReturn) return;
    this.state = 'redis';
    this.logger.info(this.isToldOf ? 'Redis is back; limits are counted in it again' : 'Limits are counted in Redis');
    this.isToldOf = false;
  }
}
