import { randomUUID } from 'node:crypto';
import { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MikroCallBooks } from '../../src/counting/calls/call-books.mikro.js';
import type { CallBooks, CallEnquiry } from '../../src/counting/calls/call-books.port.js';
import { RedisCallBooks } from '../../src/counting/calls/call-books.redis.js';
import { CallDesk } from '../../src/counting/calls/call-counters.desk.js';
import { MemoryCallCounters } from '../../src/counting/calls/call-counters.memory.js';
import { RedisLink } from '../../src/counting/redis-link.js';
import { databaseOptions } from '../../src/database/mikro-orm.config.js';
import type { CallAllowance, CallCounters, CallEntry } from '../../src/shared/limits/call-counters.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { newDatabase } from '../support/database.ts';
import { POSTGRES_URL, REDIS_URL } from '../support/services.ts';

interface World extends AsyncDisposable {
  /** The books as one more instance sees them. */
  newBooks(clock: FixedClock): CallBooks;
}

/** A process that has SQLite is alone and counts in memory. */
const SHARED: Record<string, () => Promise<World>> = {
  ...(POSTGRES_URL && { PostgreSQL: postgresWorld }),
  ...(REDIS_URL && { Redis: redisWorld }),
};

async function postgresWorld(): Promise<World> {
  const database = await newDatabase('postgres');
  const orm = await MikroORM.init({ ...databaseOptions(database.url), allowGlobalContext: true });
  return {
    newBooks: (clock) => new MikroCallBooks(orm.em as SqlEntityManager, clock),
    [Symbol.asyncDispose]: async () => {
      await orm.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function redisWorld(): Promise<World> {
  const link = new RedisLink(REDIS_URL!, `test-${randomUUID()}:`, 60_000);
  await new Promise<void>((resolve, reject) => link.open(resolve, reject));
  return {
    newBooks: (clock) => new RedisCallBooks(link, clock),
    [Symbol.asyncDispose]: () => link.close(),
  };
}

const NO_LIMITS: CallAllowance = { rpm: null, tpm: null, maxParallel: null };
const PLACES: CallAllowance = { ...NO_LIMITS, maxParallel: 2 };
const TAKEN = { refusedBy: null, hasPlace: true };
const FULL = { refusedBy: 'places', secondsLeft: 1 };

const isIn = ({ refusedBy }: CallEntry) => refusedBy === null;

describe.each(['memory', ...Object.keys(SHARED)])('counting calls with %s', (where) => {
  let world: World | undefined;
  let clock: FixedClock;
  let name: string;
  let desks: CallDesk[];
  beforeAll(async () => void (world = await SHARED[where]?.()));
  afterAll(() => world?.[Symbol.asyncDispose]());
  beforeEach(() => {
    clock = new FixedClock();
    name = `client-key:${randomUUID()}`;
    desks = [];
  });
  afterEach(async () => void (await Promise.all(desks.map((desk) => desk.end()))));

  /** As many instances; a process that counts in memory is all of them. */
  function instances(count: number): CallCounters[] {
    const alone = new MemoryCallCounters(clock);
    if (!world) return Array.from({ length: count }, () => alone);
    const some = Array.from({ length: count }, () => new CallDesk(world!.newBooks(clock), clock));
    desks.push(...some);
    return some;
  }

  it('has as many places as it is said, for all instances together, and each is given back', async () => {
    const [one, other] = instances(2) as [CallCounters, CallCounters];
    expect(await one.enter(name, PLACES)).toEqual(TAKEN);
    expect(await other.enter(name, PLACES)).toEqual(TAKEN);
    expect([await one.enter(name, PLACES), await other.enter(name, PLACES)]).toEqual([FULL, FULL]);
    expect(await one.enter(`${name}1`, PLACES)).toEqual(TAKEN);
    other.leave(name, true, 0);
    // A place is given back in the background.
    await expect.poll(() => one.enter(name, PLACES)).toEqual(TAKEN);
    expect(await other.enter(name, PLACES)).toEqual(FULL);
    expect(await other.enter(name, { ...PLACES, maxParallel: 3 })).toEqual(TAKEN);
    expect(await other.enter(name, { ...PLACES, maxParallel: 1 })).toEqual(FULL);
  });

  it('lets exactly as many in as there are places and requests, however many come at once, and no place leaks', async () => {
    const numbers = fc.record({
      calls: fc.integer({ min: 1, max: 120 }),
      maxParallel: fc.option(fc.integer({ min: 1, max: 40 })),
      rpm: fc.option(fc.integer({ min: 1, max: 40 })),
    });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(numbers, async ({ calls, maxParallel, rpm }) => {
        const [own, some] = [`${name}:${runs++}`, instances(3)];
        const allowance = { rpm, tpm: null, maxParallel };
        const arrive = () =>
          Promise.all(Array.from({ length: calls }, async (_, index) => some[index % 3]!.enter(own, allowance)));
        const entries = await arrive();
        const most = Math.min(calls, maxParallel ?? Infinity, rpm ?? Infinity);
        expect(entries.filter(isIn)).toHaveLength(most);
        const reason = (maxParallel ?? Infinity) <= (rpm ?? Infinity) ? 'places' : 'requests';
        const refused = new Set(entries.filter((entry) => !isIn(entry)).map(({ refusedBy }) => refusedBy));
        expect(refused).toEqual(new Set(most < calls ? [reason] : []));
        for (const [index, entry] of entries.entries()) {
          if (entry.refusedBy === null) some[index % 3]!.leave(own, entry.hasPlace, 0);
        }
        if (maxParallel === null) return;
        const freed = { rpm: null, tpm: null, maxParallel };
        const once = async () => {
          const entry = await some[0]!.enter(own, freed);
          return isIn(entry);
        };
        for (let place = 0; place < maxParallel; place++) await expect.poll(once).toBe(true);
        expect(await once()).toBe(false);
      }),
      { numRuns: 15 },
    );
  });

  it('counts requests by the minute that begins with the first, and none that is refused', async () => {
    const [one, other] = instances(2) as [CallCounters, CallCounters];
    const allowance = { ...NO_LIMITS, rpm: 2 };
    expect(await one.enter(name, allowance)).toEqual({ refusedBy: null, hasPlace: false });
    clock.advance(15);
    expect(await other.enter(name, allowance)).toEqual({ refusedBy: null, hasPlace: false });
    expect(await other.enter(name, allowance)).toEqual({ refusedBy: 'requests', secondsLeft: 45 });
    clock.advance(44.999);
    expect(await one.enter(name, allowance)).toEqual({ refusedBy: 'requests', secondsLeft: 1 });
    expect(await one.enter(name, { ...NO_LIMITS, rpm: 3 })).toMatchObject({ refusedBy: null });
    clock.advance(0.001);
    expect(await one.enter(name, allowance)).toMatchObject({ refusedBy: null });
    expect(await other.enter(name, allowance)).toMatchObject({ refusedBy: null });
    expect(await other.enter(name, allowance)).toEqual({ refusedBy: 'requests', secondsLeft: 60 });
  });

  it('adds the tokens of all instances by the minute, and opens none by looking', async () => {
    const [one, other] = instances(2) as [CallCounters, CallCounters];
    const allowance = { ...NO_LIMITS, tpm: 100 };
    expect(await one.enter(name, allowance)).toMatchObject({ refusedBy: null });
    clock.advance(30);
    one.leave(name, false, 60);
    expect(await one.enter(name, allowance)).toMatchObject({ refusedBy: null });
    other.leave(name, false, 40);
    expect(await other.enter(name, allowance)).toEqual({ refusedBy: 'tokens', secondsLeft: 60 });
    clock.advance(59);
    expect(await one.enter(name, allowance)).toEqual({ refusedBy: 'tokens', secondsLeft: 1 });
    expect(await one.enter(name, { ...NO_LIMITS, tpm: 101 })).toMatchObject({ refusedBy: null });
    clock.advance(1);
    expect(await one.enter(name, allowance)).toMatchObject({ refusedBy: null });
  });

  it('counts nothing of a call that one of its limits refuses', async () => {
    const [one] = instances(1) as [CallCounters];
    const all = { rpm: 2, tpm: 10, maxParallel: 1 };
    one.leave(name, false, 10);
    expect(await one.enter(name, all)).toEqual({ refusedBy: 'tokens', secondsLeft: 60 });
    expect(await one.enter(name, { ...all, tpm: null })).toEqual(TAKEN);
    expect(await one.enter(name, { ...all, tpm: null })).toEqual(FULL);
    one.leave(name, true, 0);
    expect(await one.enter(name, { ...all, tpm: null })).toEqual(TAKEN);
    one.leave(name, true, 0);
    expect(await one.enter(name, { ...all, tpm: null })).toEqual({ refusedBy: 'requests', secondsLeft: 60 });
  });

  it('holds every name apart when many are asked for at once', async () => {
    const some = instances(3);
    const entries = await Promise.all(
      Array.from({ length: 1_500 }, async (_, index) => some[index % 3]!.enter(`${name}:${index % 500}`, PLACES)),
    );
    expect(entries.filter(isIn)).toHaveLength(1_000);
  });
});

describe.skipIf(Object.keys(SHARED).length === 0).each(Object.keys(SHARED))('books of calls in %s', (where) => {
  let world: World;
  let clock: FixedClock;
  let name: string;
  beforeAll(async () => void (world = await SHARED[where]!()));
  afterAll(() => world[Symbol.asyncDispose]());
  beforeEach(() => {
    clock = new FixedClock();
    name = `client-key:${randomUUID()}`;
  });

  const ask = async (books: CallBooks, waiting: number, more: object = {}) => {
    const [standing] = await books.book([{ name, allowance: PLACES, underWay: 0, tokens: 0, waiting, ...more }]);
    return standing!;
  };
  /** Both say something at least so often, as instances do. */
  async function pass(seconds: number, ...alive: (() => Promise<unknown>)[]): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1);
      for (const say of alive) await say();
    }
  }

  it('free the places of an instance that is heard of no more, and never those of one that is', async () => {
    const [killed, streaming, other] = [world.newBooks(clock), world.newBooks(clock), world.newBooks(clock)];
    expect(await ask(killed, 1)).toMatchObject({ letIn: 1 });
    expect(await ask(streaming, 1)).toMatchObject({ letIn: 1, underWay: 2 });
    const stream = () => ask(streaming, 0, { underWay: 1 });
    const look = async () => expect(await ask(other, 1)).toMatchObject({ letIn: 0, underWay: 2 });
    await pass(11, stream, look);
    await pass(1, stream);
    expect(await ask(other, 5)).toMatchObject({ letIn: 1, underWay: 2 });
    const call = () => ask(other, 0, { underWay: 1 });
    await pass(60, stream, call);
    expect(await ask(other, 1, { underWay: 1 })).toMatchObject({ letIn: 0, underWay: 2 });
  });

  it('take nobody for dead after an outage who could not say anything in it', async () => {
    const [streaming, other] = [world.newBooks(clock), world.newBooks(clock)];
    const stream = (underWay = 2) => ask(streaming, 0, { underWay });
    await ask(streaming, 2);
    await ask(other, 1);
    clock.advance(600);
    expect(await ask(other, 1)).toMatchObject({ letIn: 0, underWay: 2 });
    await pass(3, () => ask(other, 0));
    expect(await ask(other, 1)).toMatchObject({ letIn: 0, underWay: 2 });
    await stream();
    await pass(8, stream, () => ask(other, 0));
    expect(await ask(other, 1)).toMatchObject({ letIn: 0, underWay: 2 });
  });

  it('keep no place for the dead however long an instance that lives has had nothing to ask', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      expect(await ask(world.newBooks(clock), 2)).toMatchObject({ letIn: 2 });
      const books = world.newBooks(clock);
      let heard = 0;
      const desk = new CallDesk({ book: (asked) => books.book(asked).finally(() => heard++) }, clock);
      clock.advance(5);
      expect(await desk.enter(name, PLACES)).toEqual(FULL);
      for (let round = 0; round < 30; round++) {
        clock.advance(2);
        vi.advanceTimersByTime(2_000);
        await expect.poll(() => heard).toBe(round + 2);
      }
      expect(await desk.enter(name, PLACES)).toEqual(TAKEN);
      await desk.end();
    } finally {
      vi.useRealTimers();
    }
  });

  it('take nobody for dead who could not say anything before this instance has started', async () => {
    const [streaming, dead] = [world.newBooks(clock), world.newBooks(clock)];
    expect([await ask(streaming, 1), await ask(dead, 1)]).toMatchObject([{ letIn: 1 }, { letIn: 1 }]);
    clock.advance(30);
    const started = world.newBooks(clock);
    expect(await ask(started, 1)).toMatchObject({ letIn: 0, underWay: 2 });
    const stream = () => ask(streaming, 0, { underWay: 1 });
    await pass(6, stream, () => started.book([]));
    expect(await ask(started, 2)).toMatchObject({ letIn: 1, underWay: 2 });
  });

  it('are told again what they have lost, and forget what an instance says no more', async () => {
    const [one, other] = [world.newBooks(clock), world.newBooks(clock)];
    expect(await ask(one, 0, { underWay: 2 })).toMatchObject({ underWay: 2 });
    expect(await ask(other, 1)).toMatchObject({ letIn: 0, underWay: 2 });
    expect(await ask(one, 0, { underWay: 1 })).toMatchObject({ underWay: 1 });
    expect(await ask(other, 1)).toMatchObject({ letIn: 1, underWay: 2 });
  });

  it('take over minutes that were counted elsewhere, and count none twice for being told twice', async () => {
    const books = world.newBooks(clock);
    const endsAt = clock.now().getTime() + 30_000;
    const known = { requests: { hits: 3, endsAt }, tokens: { hits: 70, endsAt } };
    const allowance = { rpm: 5, tpm: 100, maxParallel: null };
    await ask(books, 0, { known });
    await ask(books, 0, { known });
    const standing = { letIn: 2, requests: { hits: 5, endsAt }, tokens: { hits: 90, endsAt } };
    expect(await ask(books, 4, { allowance, tokens: 20 })).toMatchObject(standing);
    expect(await ask(books, 1, { allowance, tokens: 10 })).toMatchObject({ letIn: 0, tokens: { hits: 100 } });
    clock.advance(30);
    expect(await ask(books, 1, { allowance, known })).toMatchObject({ letIn: 1, requests: { hits: 1 } });
  });
});

describe('a desk whose books cannot be reached for a while', () => {
  it('refuses who waits, and tells the books all of it when they are back', async () => {
    const clock = new FixedClock();
    const asked: CallEnquiry[][] = [];
    let isAway = false;
    const books: CallBooks = {
      book: async (enquiries) => {
        if (isAway) throw new Error('The books are away.');
        asked.push(enquiries.map(({ name, underWay, tokens }) => ({ name, underWay, tokens }) as CallEnquiry));
        const window = { hits: 0, endsAt: 0 };
        return enquiries.map(({ waiting }) => ({ letIn: waiting, underWay: 0, requests: window, tokens: window }));
      },
    };
    const desk = new CallDesk(books, clock);
    expect([await desk.enter('a', PLACES), await desk.enter('a', PLACES)]).toEqual([TAKEN, TAKEN]);
    isAway = true;
    desk.leave('a', true, 7);
    desk.leave('b', false, 0);
    await expect(desk.enter('a', PLACES)).rejects.toThrow('away');
    await expect(desk.enter('b', PLACES)).rejects.toThrow('away');
    isAway = false;
    asked.length = 0;
    await expect.poll(() => asked.flat()).toContainEqual({ name: 'a', underWay: 1, tokens: 7 });
    desk.leave('a', true, 0);
    await expect.poll(() => asked.flat()).toContainEqual({ name: 'a', underWay: 0, tokens: 0 });
    await desk.end();
  });
});
