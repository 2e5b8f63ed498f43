import { beforeEach, describe, expect, it } from 'vitest';
import { FixedClock } from '../../../test/fakes/clock.fixed.ts';
import { FakeOpenRouter } from '../../../test/fakes/open-router.fake.ts';
import { FakePause } from '../../../test/fakes/pause.fake.ts';
import { type KeyAnswer, OpenRouterDenied, OpenRouterUnavailable } from '../../open-router/open-router.port.js';
import { isClosed, PatientOpenRouter } from './patient-open-router.js';

const { signal } = new AbortController();
const SECRET = 'sk-or-v1-test';
const busy = (retryAfterSeconds: number | null): KeyAnswer => ({
  outcome: 'unreachable',
  detail: 'Busy.',
  retryAfterSeconds,
});

describe('patience with OpenRouter', () => {
  let fake: FakeOpenRouter;
  let clock: FixedClock;
  let pause: FakePause;
  let openRouter: PatientOpenRouter;
  beforeEach(() => {
    clock = new FixedClock('2026-06-15T10:00:00.000Z');
    fake = new FakeOpenRouter();
    pause = new FakePause(clock);
    openRouter = new PatientOpenRouter(fake, pause, clock);
  });

  it('waits as long as it is told, asks again, and says when it asked for the answer that counts', async () => {
    fake.answers(SECRET, busy(30));
    fake.meanwhile = () => {
      if (pause.made.length === 1) fake.knows(SECRET);
      clock.advance(1);
    };
    const timed = await openRouter.describeKey(SECRET, signal);
    expect(pause.made).toEqual([30_000]);
    expect(timed).toMatchObject({
      answer: { outcome: 'known' },
      askedAt: new Date('2026-06-15T10:00:31Z'),
      answeredAt: new Date('2026-06-15T10:00:32Z'),
    });
  });

  it.each([
    ['longer than a minute', 61, []],
    ['without being told how long', null, []],
    ['again and again', 60, [60_000, 60_000, 60_000]],
  ])('does not wait %s', async (_, retryAfter, pauses) => {
    fake.answers(SECRET, busy(retryAfter));
    expect((await openRouter.describeKey(SECRET, signal)).answer).toEqual(busy(retryAfter));
    expect(pause.made).toEqual(pauses);
  });

  it('waits for an account as well', async () => {
    fake.manages(SECRET, { keys: [] });
    fake.failure = new OpenRouterUnavailable('Busy.', 5);
    fake.meanwhile = () => {
      if (pause.made.length === 2) fake.failure = null;
    };
    expect((await openRouter.listKeys(SECRET, signal)).answer).toEqual({ keys: [], isComplete: true });
    expect(pause.made).toEqual([5000, 5000]);
  });

  it('gives up at once when it is not busy but unwilling', async () => {
    fake.failure = new OpenRouterUnavailable('Broken.');
    await expect(openRouter.listKeys(SECRET, signal)).rejects.toThrow('Broken.');
    fake.failure = new OpenRouterDenied(401, 'No.');
    await expect(openRouter.credits(SECRET, signal)).rejects.toThrow('No.');
    expect(pause.made).toEqual([]);
  });

  it('takes it that a key may not know the balance', async () => {
    fake.knows(SECRET);
    expect(await openRouter.credits(SECRET, signal)).toBeNull();
  });

  it('stops waiting when the run ends', async () => {
    fake.answers(SECRET, busy(30));
    const stop = new AbortController();
    fake.meanwhile = () => stop.abort();
    await expect(openRouter.describeKey(SECRET, stop.signal)).rejects.toThrow('aborted');
    expect(pause.made).toEqual([]);
  });

  it('knows when the next question would fare no better', () => {
    expect(isClosed(new OpenRouterDenied(403, 'No.'))).toBe(true);
    expect(isClosed(new OpenRouterUnavailable('Busy.', 90))).toBe(true);
    expect(isClosed(new OpenRouterUnavailable('Broken.'))).toBe(false);
    expect(isClosed(null)).toBe(false);
  });
});
