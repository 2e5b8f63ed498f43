import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Removals } from '../api-keys/keeping/removals.js';
import type { Departures } from '../auth/accounts/departures.js';
import { UnfinishedRemovals } from './unfinished-removals.js';

describe('what was left half removed', () => {
  const finishAll = vi.fn<(signal: AbortSignal) => Promise<number>>();
  const none = { finishAll: async () => 0 } as unknown as Departures;
  let unfinished: UnfinishedRemovals;
  beforeEach(() => {
    vi.useFakeTimers();
    finishAll.mockReset().mockResolvedValue(0);
    const removals = { finishAll } as unknown as Removals;
    unfinished = new UnfinishedRemovals(none, removals, pino({ enabled: false }));
  });
  afterEach(() => vi.useRealTimers());

  it('is looked for at start and again within minutes, also after a failure', async () => {
    finishAll.mockRejectedValueOnce(new Error('the database is away'));
    unfinished.begin();
    await vi.advanceTimersByTimeAsync(0);
    expect(finishAll).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(finishAll).toHaveBeenCalledTimes(2);
    await unfinished.beforeApplicationShutdown();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is left where it is when the service stops', async () => {
    finishAll.mockImplementation(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
    );
    unfinished.begin();
    await vi.advanceTimersByTimeAsync(0);
    await unfinished.beforeApplicationShutdown();
    expect(finishAll.mock.calls[0]![0].aborted).toBe(true);
  });
});
