import { setTimeout as pause } from 'node:timers/promises';
import { Pause } from './pause.port.js';

/** Waits by the machine's own timer. */
export class SystemPause extends Pause {
  async for(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await pause(milliseconds, undefined, { signal }).catch((error: unknown) => {
      if (!signal?.aborted) throw error;
    });
  }
}
