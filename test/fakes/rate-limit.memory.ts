import { CountedRateLimits } from '../../src/counting/counted-rate-limits.js';
import { MemoryWindowCounters } from '../../src/counting/window-counters.memory.js';
import type { Clock } from '../../src/shared/time/clock.port.js';

/** Counts as a process does that is alone. */
export class MemoryRateLimitStore extends CountedRateLimits {
  constructor(clock: Clock) {
    super(new MemoryWindowCounters(clock), clock);
  }
}
