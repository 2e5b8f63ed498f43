import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/time/clock.port.js';
import { TooManyRequests } from '../../shared/errors.js';

const MINUTE_MS = 60_000;

interface Window {
  tokens: number;
  endsAt: number;
}

/** Counts the tokens of client keys by the minute. A call is let in while the minute's tokens are not used up. */
@Injectable()
export class TokenWindows {
  private readonly windows = new Map<number, Window>();

  constructor(private readonly clock: Clock) {}

  /** Throws TooManyRequests. */
  check(keyId: number, tpm: number | null): void {
    if (tpm === null) return;
    const now = this.clock.now().getTime();
    const window = this.windows.get(keyId);
    if (!window || window.endsAt <= now || window.tokens < tpm) return;
    const seconds = Math.ceil((window.endsAt - now) / 1000);
    throw new TooManyRequests(`This client key may use ${tpm} tokens a minute. Wait a moment.`, seconds);
  }

  add(keyId: number, tokens: number): void {
    const now = this.clock.now().getTime();
    const window = this.windows.get(keyId);
    if (window && window.endsAt > now) window.tokens += tokens;
    else this.windows.set(keyId, { tokens, endsAt: now + MINUTE_MS });
  }
}
