import { describe, expect, it } from 'vitest';
import { SystemPause } from './pause.system.js';

describe('a pause', () => {
  it('ends by itself', async () => {
    await expect(new SystemPause().for(1)).resolves.toBeUndefined();
  });

  it('ends at once, without an error, when it is told to', async () => {
    const stop = new AbortController();
    const pause = new SystemPause().for(3_600_000, stop.signal);
    stop.abort();
    await expect(pause).resolves.toBeUndefined();
    await expect(new SystemPause().for(3_600_000, stop.signal)).resolves.toBeUndefined();
  });
});
