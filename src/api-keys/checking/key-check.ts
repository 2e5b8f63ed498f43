import { Injectable } from '@nestjs/common';
import { type KeyAnswer, OpenRouter } from '../../open-router/open-router.port.js';
import { TooManyRequests } from '../../shared/errors.js';
import { Pause } from '../../shared/time/pause.port.js';
import { RateLimitStore } from '../../shared/limits/rate-limit.port.js';

const BETWEEN_TRIES_MS = 1_000;
const MINUTE_SECONDS = 60;

/** An answer, and whether a refusal in it has come twice. */
export interface CheckedAnswer {
  answer: KeyAnswer;
  isConfirmed: boolean;
}

/**
 * Asks OpenRouter about a key for somebody who waits: a refusal is asked about a second time at once. Each person may ask
 * so often only: nobody tries out other people's keys here, or makes OpenRouter turn its back on this server.
 */
@Injectable()
export class KeyCheck {
  constructor(
    private readonly openRouter: OpenRouter,
    private readonly pause: Pause,
    private readonly rateLimits: RateLimitStore,
  ) {}

  /** `asker` names who asks and what for; `mostPerMinute` times it is answered. Throws TooManyRequests. */
  async ask(secret: string, asker: string, mostPerMinute: number): Promise<CheckedAnswer> {
    const { allowed, secondsLeft } = await this.rateLimits.hit(asker, mostPerMinute, MINUTE_SECONDS);
    if (!allowed) throw new TooManyRequests('You check keys very often. Try again in a minute.', secondsLeft);
    const first = await this.openRouter.describeKey(secret);
    if (first.outcome !== 'refused' || first.expired) return { answer: first, isConfirmed: true };
    await this.pause.for(BETWEEN_TRIES_MS);
    const second = await this.openRouter.describeKey(secret);
    const hasTold = second.outcome !== 'unreachable' && second.outcome !== 'unclear';
    return hasTold ? { answer: second, isConfirmed: true } : { answer: first, isConfirmed: false };
  }
}
