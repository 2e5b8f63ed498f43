import { Injectable } from '@nestjs/common';
import { Clock } from '../time/clock.port.js';
import { type Allowance, RateLimitStore } from './rate-limit.port.js';

interface Window {
  hits: number;
  endsAt: number;
}

/** Keeps at most this many windows of each kind, so that a flood of names cannot eat the memory (about 10 MB). */
export const MOST_WINDOWS = 50_000;
const KEPT_WHEN_FULL = 45_000;

/** Counters of one process. When a kind has too many windows, those that have been open longest are given up first. */
@Injectable()
export class MemoryRateLimitStore extends RateLimitStore {
  private readonly kinds = new Map<string, Map<string, Window>>();

  constructor(private readonly clock: Clock) {
    super();
  }

  async hit(name: string, limit: number, windowSeconds: number): Promise<Allowance> {
    const now = this.clock.now().getTime();
    const window = this.find(name, now) ?? this.open(name, now, windowSeconds * 1000);
    window.hits = Math.min(window.hits + 1, limit + 1);
    return allowanceOf(window, window.hits, limit, now);
  }

  async peek(name: string, limit: number, windowSeconds: number): Promise<Allowance> {
    const now = this.clock.now().getTime();
    const window = this.find(name, now) ?? { hits: 0, endsAt: now + windowSeconds * 1000 };
    return allowanceOf(window, window.hits + 1, limit, now);
  }

  async forget(name: string): Promise<void> {
    this.windowsLike(name).delete(name);
  }

  private find(name: string, now: number): Window | undefined {
    const window = this.windowsLike(name).get(name);
    return window && window.endsAt > now ? window : undefined;
  }

  private open(name: string, now: number, length: number): Window {
    const windows = this.windowsLike(name);
    windows.delete(name);
    if (windows.size >= MOST_WINDOWS) makeRoom(windows, now);
    const window = { hits: 0, endsAt: now + length };
    windows.set(name, window);
    return window;
  }

  private windowsLike(name: string): Map<string, Window> {
    const kind = name.slice(0, name.indexOf(':') + 1);
    const known = this.kinds.get(kind);
    if (known) return known;
    const windows = new Map<string, Window>();
    this.kinds.set(kind, windows);
    return windows;
  }
}

function makeRoom(windows: Map<string, Window>, now: number): void {
  for (const [name, window] of windows) if (window.endsAt <= now) windows.delete(name);
  for (const name of windows.keys()) {
    if (windows.size <= KEPT_WHEN_FULL) break;
    windows.delete(name);
  }
}

function allowanceOf({ endsAt }: Window, hits: number, limit: number, now: number): Allowance {
  return {
    allowed: hits <= limit,
    limit,
    remaining: Math.max(0, limit - hits),
    secondsLeft: Math.max(1, Math.ceil((endsAt - now) / 1000)),
  };
}
