import { Pause } from '../../src/shared/time/pause.port.js';
import type { FixedClock } from './clock.fixed.ts';

/** Takes no time, but moves the clock by as much. */
export class FakePause extends Pause {
  /** Every pause that was made, in milliseconds. */
  readonly made: number[] = [];

  constructor(private readonly clock: FixedClock) {
    super();
  }

  async for(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    this.made.push(milliseconds);
    this.clock.advance(milliseconds / 1000);
  }
}
