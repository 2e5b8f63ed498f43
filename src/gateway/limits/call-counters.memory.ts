import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/time/clock.port.js';
import { CallCounters, type TokenMinute } from './call-counters.port.js';

const MINUTE_MS = 60_000;

/** Counters of one process. Its places end with it, so that none has to run out. */
@Injectable()
export class MemoryCallCounters extends CallCounters {
  private readonly minutes = new Map<number, { tokens: number; endsAt: number }>();
  private readonly running = new Map<number, Set<string>>();

  constructor(private readonly clock: Clock) {
    super();
  }

  async tokenMinute(clientKeyId: number): Promise<TokenMinute> {
    const now = this.clock.now().getTime();
    const minute = this.minutes.get(clientKeyId);
    if (!minute || minute.endsAt <= now) return { tokens: 0, secondsLeft: MINUTE_MS / 1000 };
    return { tokens: minute.tokens, secondsLeft: Math.ceil((minute.endsAt - now) / 1000) };
  }

  async addTokens(clientKeyId: number, tokens: number): Promise<void> {
    const now = this.clock.now().getTime();
    const minute = this.minutes.get(clientKeyId);
    if (minute && minute.endsAt > now) minute.tokens += tokens;
    else this.minutes.set(clientKeyId, { tokens, endsAt: now + MINUTE_MS });
  }

  async enter(clientKeyId: number, callId: string, most: number): Promise<boolean> {
    const calls = this.running.get(clientKeyId) ?? new Set();
    if (calls.size >= most) return false;
    this.running.set(clientKeyId, calls.add(callId));
    return true;
  }

  async leave(clientKeyId: number, callId: string): Promise<void> {
    const calls = this.running.get(clientKeyId);
    calls?.delete(callId);
    if (calls?.size === 0) this.running.delete(clientKeyId);
  }
}
