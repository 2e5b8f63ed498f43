import { type CallAllowance, CallCounters, type CallEntry } from '../../shared/limits/call-counters.port.js';
import type { Clock } from '../../shared/time/clock.port.js';
import type { CountedWindow } from '../window-counters.port.js';
import { MINUTE_MS, refusalFor } from './call-refusals.js';

const WITH_PLACE: CallEntry = { refusedBy: null, hasPlace: true };
const WITHOUT_PLACE: CallEntry = { refusedBy: null, hasPlace: false };

interface Standing {
  requests: CountedWindow;
  tokens: CountedWindow;
  underWay: number;
}

/** Counters of one process, which answer at once. Its places end with it, so that none has to run out. */
export class MemoryCallCounters extends CallCounters {
  private readonly standings = new Map<string, Standing>();

  constructor(private readonly clock: Clock) {
    super();
  }

  enter(name: string, allowance: CallAllowance): CallEntry {
    const { rpm, tpm, maxParallel } = allowance;
    const now = this.clock.now().getTime();
    const standing = this.standingOf(name);
    if (
      (tpm !== null && hitsAt(now, standing.tokens) >= tpm) ||
      (maxParallel !== null && standing.underWay >= maxParallel) ||
      (rpm !== null && hitsAt(now, standing.requests) >= rpm)
    )
      return refusalFor(allowance, standing, now);
    if (rpm !== null) add(standing.requests, 1, now);
    if (maxParallel === null) return WITHOUT_PLACE;
    standing.underWay++;
    return WITH_PLACE;
  }

  leave(name: string, hasPlace: boolean, tokens: number): void {
    const standing = this.standingOf(name);
    if (hasPlace) standing.underWay--;
    if (tokens > 0) add(standing.tokens, tokens, this.clock.now().getTime());
  }

  private standingOf(name: string): Standing {
    const known = this.standings.get(name);
    if (known) return known;
    const standing = { requests: { hits: 0, endsAt: 0 }, tokens: { hits: 0, endsAt: 0 }, underWay: 0 };
    this.standings.set(name, standing);
    return standing;
  }
}

/** A window that has ended is emptied. */
function hitsAt(now: number, window: CountedWindow): number {
  if (window.endsAt <= now) window.hits = 0;
  return window.hits;
}

function add(window: CountedWindow, hits: number, now: number): void {
  if (hitsAt(now, window) === 0) window.endsAt = now + MINUTE_MS;
  window.hits += hits;
}
