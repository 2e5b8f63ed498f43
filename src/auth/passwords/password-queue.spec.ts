import { describe, expect, it } from 'vitest';
import { Overloaded } from '../../shared/errors.js';
import { PasswordQueue } from './password-queue.js';

/** Verified in no time: of no kind that anybody knows. */
const NO_HASH = 'none';

describe('#9 the password queue', () => {
  it('turns away who comes when too many wait, and serves everybody else', async () => {
    const queue = new PasswordQueue();
    const calls = Array.from({ length: 200 }, () => queue.matches('a password', NO_HASH));
    const outcomes = await Promise.allSettled(calls);
    const served = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(served).toBeGreaterThan(50);
    expect(served).toBeLessThanOrEqual(52);
    const refused = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(refused.reason).toBeInstanceOf(Overloaded);
    expect(refused.reason).toMatchObject({ retryAfter: expect.any(Number) });
  });

  it('goes on after the flood, and after a failure', async () => {
    const queue = new PasswordQueue();
    await Promise.allSettled(Array.from({ length: 200 }, () => queue.matches('a password', NO_HASH)));
    const cannotBeHashed = undefined as unknown as string;
    await Promise.allSettled(Array.from({ length: 5 }, () => queue.hash(cannotBeHashed)));
    expect(await queue.matches('a password', await queue.hash('a password'))).toBe(true);
  });
});
