import { Injectable } from '@nestjs/common';
import {
  type Credits,
  isFromOpenRouter,
  type KeyAnswer,
  type KeyHours,
  type KeyListing,
  type ModelUsage,
  OpenRouter,
  OpenRouterDenied,
  OpenRouterUnavailable,
  type WantedHours,
} from '../../open-router/open-router.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { Pause } from '../../shared/time/pause.port.js';
import type { Hour } from '../../shared/time/hour.js';
import type { Day } from '../../shared/time/period.js';

/** Longer than this nobody waits: the next run asks again. */
const LONGEST_WAIT_SECONDS = 60;
const MOST_WAITS = 3;

/** An answer and when it was true: between these two moments. */
export interface Timed<T> {
  askedAt: Date;
  answeredAt: Date;
  answer: T;
}

/** OpenRouter, asked again after as long as it wants, unless that is too long. */
@Injectable()
export class PatientOpenRouter {
  constructor(
    private readonly openRouter: OpenRouter,
    private readonly pause: Pause,
    private readonly clock: Clock,
  ) {}

  /** Never throws for what OpenRouter answers or fails to answer. */
  async describeKey(secret: string, signal: AbortSignal): Promise<Timed<KeyAnswer>> {
    for (let waits = 0; ; waits++) {
      const timed = await this.time(() => this.openRouter.describeKey(secret, signal));
      const wait = timed.answer.outcome === 'unreachable' ? timed.answer.retryAfterSeconds : null;
      if (!(await this.wait(wait, waits, signal))) return timed;
    }
  }

  listKeys(secret: string, signal: AbortSignal): Promise<Timed<KeyListing>> {
    return this.ask(() => this.openRouter.listKeys(secret, signal), signal);
  }

  /** Null if this key may not know: that says nothing against the key. */
  async credits(secret: string, signal: AbortSignal): Promise<Credits | null> {
    try {
      const { answer } = await this.ask(() => this.openRouter.credits(secret, signal), signal);
      return answer;
    } catch (error) {
      if (error instanceof OpenRouterDenied && error.status === 403) return null;
      throw error;
    }
  }

  activity(secret: string, keyHash: string, signal: AbortSignal): Promise<Timed<ModelUsage[]>> {
    return this.ask(() => this.openRouter.activity(secret, keyHash, undefined, signal), signal);
  }

  usageOfDay(secret: string, keyHash: string, day: Day, signal: AbortSignal): Promise<Timed<ModelUsage[]>> {
    return this.ask(() => this.openRouter.usageOfDay(secret, keyHash, day, signal), signal);
  }

  usageByHour(
    secret: string,
    wanted: readonly WantedHours[],
    through: Hour,
    signal: AbortSignal,
  ): Promise<Timed<KeyHours[]>> {
    return this.ask(() => this.openRouter.usageByHour(secret, wanted, through, signal), signal);
  }

  private async ask<T>(question: () => Promise<T>, signal: AbortSignal): Promise<Timed<T>> {
    for (let waits = 0; ; waits++) {
      try {
        return await this.time(question);
      } catch (error) {
        const wait = error instanceof OpenRouterUnavailable ? error.retryAfterSeconds : null;
        if (!(await this.wait(wait, waits, signal))) throw error;
      }
    }
  }

  private async time<T>(question: () => Promise<T>): Promise<Timed<T>> {
    const askedAt = this.clock.now();
    const answer = await question();
    return { askedAt, answeredAt: this.clock.now(), answer };
  }

  /** False, at once, when it is not worth waiting. */
  private async wait(seconds: number | null, waits: number, signal: AbortSignal): Promise<boolean> {
    if (seconds === null || seconds > LONGEST_WAIT_SECONDS || waits >= MOST_WAITS) return false;
    await this.pause.for(seconds * 1000, signal);
    return !signal.aborted;
  }
}

/** Whether the next question to the same account would fare no better: it may not be asked, or not so soon. */
export function isClosed(error: unknown): boolean {
  return isFromOpenRouter(error) && (error instanceof OpenRouterDenied || error.retryAfterSeconds !== null);
}
