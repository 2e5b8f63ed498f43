import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Rounds } from './rounds.js';

describe('rounds', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('come again and again, but never two at once', async () => {
    const open: (() => void)[] = [];
    const rounds = new Rounds(() => new Promise((resolve) => open.push(resolve)));
    rounds.every(100);
    await vi.advanceTimersByTimeAsync(350);
    expect(open).toHaveLength(1);
    open[0]!();
    await vi.advanceTimersByTimeAsync(100);
    expect(open).toHaveLength(2);
  });

  it('go on after one has failed, and tell of it', async () => {
    const failures: unknown[] = [];
    const rounds = new Rounds(
      () => Promise.reject(new Error('no database')),
      (error) => failures.push(error),
    );
    await rounds.now();
    await rounds.now();
    expect(failures).toEqual([new Error('no database'), new Error('no database')]);
  });

  it('end with the one that is under way, and begin no other', async () => {
    let done = 0;
    let finish = () => {};
    const rounds = new Rounds(async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      done++;
    });
    rounds.every(100);
    await vi.advanceTimersByTimeAsync(100);
    const ended = rounds.end();
    finish();
    await ended;
    await vi.advanceTimersByTimeAsync(1000);
    expect(done).toBe(1);
  });
});
