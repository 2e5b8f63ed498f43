import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { FixedClock } from '../../../test/fakes/clock.fixed.ts';
import type { RedisLink } from '../redis-link.js';
import { RedisSwitch } from '../redis-switch.js';
import { CallBooks, type CallEnquiry, type CallStanding } from './call-books.port.js';
import { SwitchingCallBooks } from './call-books.switching.js';
import { CallDesk } from './call-counters.desk.js';

const NO_LIMITS = { rpm: null, tpm: null, maxParallel: null };

/** Answers what it is told to, and keeps what it was asked. */
class ScriptedBooks extends CallBooks {
  readonly asked: (readonly CallEnquiry[])[] = [];
  answer: Partial<CallStanding> = {};

  async book(enquiries: readonly CallEnquiry[]): Promise<CallStanding[]> {
    this.asked.push(enquiries);
    const window = { hits: 0, endsAt: 0 };
    const standing = { underWay: 0, requests: window, tokens: window, ...this.answer };
    return enquiries.map(({ waiting }) => ({ letIn: waiting, ...standing }));
  }
}

describe('books in Redis with a stand-in', () => {
  let clock: FixedClock;
  let redis: ScriptedBooks;
  let standIn: ScriptedBooks;
  let books: SwitchingCallBooks;
  let redisIsBack: () => void;
  beforeEach(() => {
    clock = new FixedClock();
    [redis, standIn] = [new ScriptedBooks(), new ScriptedBooks()];
    const link = { open: (onUp: () => void) => void (redisIsBack = onUp), hangUp: () => {} };
    const redisSwitch = new RedisSwitch(link as unknown as RedisLink, pino({ enabled: false }));
    books = new SwitchingCallBooks({ redis, standIn }, redisSwitch, clock);
    redisSwitch.onModuleInit();
  });

  it('hear the stand-in while Redis is there, so that a time without questions is no outage of it', async () => {
    redisIsBack();
    const call = { name: 'a', allowance: NO_LIMITS, underWay: 1, waiting: 0, tokens: 0 };
    await expect.poll(async () => (await books.book([call]), standIn.asked.at(-1))).toEqual([]);
    const heard = standIn.asked.length;
    await books.book([call]);
    expect(standIn.asked).toHaveLength(heard);
    clock.advance(2);
    await books.book([]);
    expect(standIn.asked.slice(heard)).toEqual([[]]);
  });

  it('tell the stand-in what counts still, and no name that was used long ago', async () => {
    redisIsBack();
    const call = { allowance: NO_LIMITS, waiting: 0, tokens: 0 };
    const minute = { hits: 1, endsAt: clock.now().getTime() + 60_000 };
    redis.answer = { letIn: 0, requests: minute, tokens: minute };
    await books.book([
      { ...call, name: 'past', underWay: 0 },
      { ...call, name: 'streaming', underWay: 1 },
    ]);
    clock.advance(60);
    const next = { hits: 1, endsAt: clock.now().getTime() + 60_000 };
    redis.answer = { letIn: 0, requests: next, tokens: next };
    await books.book([{ ...call, name: 'counted', underWay: 0 }]);
    standIn.asked.length = 0;
    await books.toStandIn();
    expect(standIn.asked.flat().map(({ name }) => name)).toEqual(['streaming', 'counted']);
  });

  it('say why the one that let in fewest did so while both are asked', async () => {
    redisIsBack();
    const desk = new CallDesk(books, clock);
    const enter = (rpm: number | null) => desk.enter('a', { rpm, tpm: null, maxParallel: 2 });
    // Redis has not heard of the other calls yet.
    standIn.answer = { letIn: 0, underWay: 2 };
    redis.answer = { letIn: 0, underWay: 0 };
    const full = { refusedBy: 'places', secondsLeft: 1 };
    expect([await enter(null), await enter(60)]).toEqual([full, full]);
    standIn.answer = { letIn: 1, underWay: 2 };
    redis.answer.requests = { hits: 60, endsAt: clock.now().getTime() + 30_000 };
    expect(await enter(60)).toEqual({ refusedBy: 'requests', secondsLeft: 30 });
    await desk.end();
  });
});
