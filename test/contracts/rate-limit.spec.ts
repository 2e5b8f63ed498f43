import { randomUUID } from 'node:crypto';
import { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseOptions } from '../../src/database/mikro-orm.config.js';
import { CountedRateLimits } from '../../src/counting/counted-rate-limits.js';
import { RedisLink } from '../../src/counting/redis-link.js';
import { MemoryRateLimitStore } from '../fakes/rate-limit.memory.ts';
import { MemoryWindowCounters, MOST_WINDOWS } from '../../src/counting/window-counters.memory.js';
import { MikroWindowCounters } from '../../src/counting/window-counters.mikro.js';
import { type NamedWindow, WindowCounters } from '../../src/counting/window-counters.port.js';
import { RedisWindowCounters } from '../../src/counting/window-counters.redis.js';
import type { Allowance } from '../../src/shared/limits/rate-limit.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { newDatabase } from '../support/database.ts';
import { type Dialect, DIALECTS, REDIS_URL } from '../support/services.ts';

interface World extends AsyncDisposable {
  newCounters(clock: FixedClock): WindowCounters;
}

/** Each counts from nothing with every `newCounters`. */
const WORLDS: Record<string, () => Promise<World>> = {
  memory: async () => ({
    newCounters: (clock) => new MemoryWindowCounters(clock),
    [Symbol.asyncDispose]: async () => undefined,
  }),
  ...Object.fromEntries(DIALECTS.map((dialect) => [dialect, () => databaseWorld(dialect)])),
  ...(REDIS_URL && { Redis: redisWorld }),
};

async function databaseWorld(dialect: Dialect): Promise<World> {
  const database = await newDatabase(dialect);
  const orm = await MikroORM.init({ ...databaseOptions(database.url), allowGlobalContext: true });
  let worlds = 0;
  return {
    newCounters: (clock) => new Prefixed(`${worlds++}:`, new MikroWindowCounters(orm.em as SqlEntityManager, clock)),
    [Symbol.asyncDispose]: async () => {
      await orm.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function redisWorld(): Promise<World> {
  const link = new RedisLink(REDIS_URL!, `test-${randomUUID()}:`, 60_000);
  await new Promise<void>((resolve, reject) => link.open(resolve, reject));
  let worlds = 0;
  return {
    newCounters: (clock) => new Prefixed(`${worlds++}:`, new RedisWindowCounters(link, clock)),
    [Symbol.asyncDispose]: () => link.close(),
  };
}

/** Keeps the names of one property's runs apart. */
class Prefixed extends WindowCounters {
  constructor(
    private readonly prefix: string,
    private readonly counters: WindowCounters,
  ) {
    super();
  }

  hit(name: string, windowSeconds: number) {
    return this.counters.hit(this.prefix + name, windowSeconds);
  }

  find(name: string) {
    return this.counters.find(this.prefix + name);
  }

  takeBack(name: string, endsAt: number) {
    return this.counters.takeBack(this.prefix + name, endsAt);
  }

  forget(name: string) {
    return this.counters.forget(this.prefix + name);
  }

  raise(windows: readonly NamedWindow[]) {
    return this.counters.raise(windows.map((window) => ({ ...window, name: this.prefix + window.name })));
  }
}

describe.each(Object.keys(WORLDS))('counting hits with %s', (name) => {
  let world: World;
  beforeAll(async () => void (world = await WORLDS[name]!()));
  afterAll(() => world[Symbol.asyncDispose]());

  /** Each later than those before: they share a table, and whoever counts tidies away what has ended by its own clock. */
  let clocks = 0;
  const newClock = () => {
    const clock = new FixedClock();
    clock.advance(clocks++ * 3600);
    return clock;
  };
  const newStore = (clock: FixedClock) => new CountedRateLimits(world.newCounters(clock), clock);

  it('takes over what was counted elsewhere, and counts no hit twice for being told twice', async () => {
    const clock = newClock();
    const counters = world.newCounters(clock);
    const at = (seconds: number) => clock.now().getTime() + seconds * 1000;
    await counters.hit('token:1', 60);
    await counters.raise([
      { name: 'token:2', hits: 7, endsAt: at(30) },
      { name: 'token:1', hits: 5, endsAt: at(90) },
      { name: 'token:3', hits: 9, endsAt: at(0) },
    ]);
    await counters.raise([{ name: 'token:1', hits: 4, endsAt: at(30) }]);
    expect(await counters.hit('token:1', 60)).toEqual({ hits: 6, endsAt: at(90) });
    expect(await counters.hit('token:2', 60)).toEqual({ hits: 8, endsAt: at(30) });
    expect(await counters.find('token:3')).toBeNull();
    clock.advance(30);
    await counters.raise([{ name: 'token:2', hits: 2, endsAt: at(60) }]);
    expect(await counters.find('token:2')).toEqual({ hits: 2, endsAt: at(60) });
  });

  it('allows exactly as many of any number of hits at once as the limit says, each with its own rest', async () => {
    const numbers = fc.record({ hits: fc.integer({ min: 1, max: 300 }), limit: fc.integer({ min: 1, max: 120 }) });
    await fc.assert(
      fc.asyncProperty(numbers, async ({ hits, limit }) => {
        const store = newStore(newClock());
        const allowances = await Promise.all(Array.from({ length: hits }, () => store.hit('token:1', limit, 60)));
        const allowed = allowances.filter((allowance) => allowance.allowed);
        expect(allowed).toHaveLength(Math.min(hits, limit));
        const rests = allowed.map(({ remaining }) => remaining).toSorted((one, other) => other - one);
        expect(rests).toEqual(allowed.map((_, index) => limit - 1 - index));
        const refused = allowances.filter((allowance) => !allowance.allowed);
        expect(refused.every(({ remaining }) => remaining === 0)).toBe(true);
        expect(allowances.every((allowance) => allowance.limit === limit && allowance.secondsLeft === 60)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('behaves over time as a counter that starts anew when its window has ended', async () => {
    const act = fc.oneof(
      { weight: 6, arbitrary: fc.record({ name: fc.constantFrom('a:1', 'a:2', 'b:1') }) },
      { weight: 3, arbitrary: fc.record({ advance: fc.integer({ min: 0, max: 40 }) }) },
      { weight: 1, arbitrary: fc.record({ forget: fc.constantFrom('a:1', 'b:1') }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
        const clock = newClock();
        const store = newStore(clock);
        const model = new Map<string, { hits: number; since: number }>();
        const found: Allowance[] = [];
        const expected: Allowance[] = [];
        let time = 0;
        for (const step of acts) {
          if ('advance' in step) {
            clock.advance(step.advance);
            time += step.advance;
          } else if ('forget' in step) {
            await store.forget(step.forget);
            model.delete(step.forget);
          } else {
            const known = model.get(step.name);
            const window = known && time < known.since + 30 ? known : { hits: 0, since: time };
            model.set(step.name, window);
            const rest = { allowed: window.hits < 3, remaining: Math.max(0, 2 - window.hits) };
            const secondsLeft = window.since + 30 - time;
            const allowance = { ...rest, limit: 3, secondsLeft, endsAt: clock.now().getTime() + secondsLeft * 1000 };
            expected.push(allowance, allowance);
            found.push(await store.peek(step.name, 3, 30), await store.hit(step.name, 3, 30));
            window.hits++;
          }
        }
        expect(found).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('takes a hit back as long as its window is open, and from no other one', async () => {
    const clock = newClock();
    const store = newStore(clock);
    const hit = await store.hit('token:1', 2, 60);
    await store.hit('token:1', 2, 60);
    expect(await store.hit('token:1', 2, 60)).toMatchObject({ allowed: false });
    for (let times = 0; times < 2; times++) await store.takeBack('token:1', hit);
    expect(await store.hit('token:1', 2, 60)).toMatchObject({ allowed: true, remaining: 0, secondsLeft: 60 });
    await store.takeBack('token:2', hit);
    for (let times = 0; times < 9; times++) await store.takeBack('token:1', hit);
    expect(await store.peek('token:1', 2, 60)).toMatchObject({ remaining: 1 });
    clock.advance(60);
    await store.hit('token:1', 2, 60);
    await store.takeBack('token:1', hit);
    expect(await store.hit('token:1', 2, 60)).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('opens no window by looking', async () => {
    const clock = newClock();
    const store = newStore(clock);
    await store.peek('token:1', 5, 60);
    clock.advance(30);
    expect(await store.hit('token:1', 5, 60)).toMatchObject({ remaining: 4, secondsLeft: 60 });
  });

  it('is not prolonged by hits that are refused', async () => {
    const clock = newClock();
    const store = newStore(clock);
    for (let second = 0; second < 60; second++) {
      await store.hit('token:1', 1, 60);
      clock.advance(1);
    }
    expect(await store.hit('token:1', 1, 60)).toMatchObject({ allowed: true, secondsLeft: 60 });
  });

  it('says at least one second while the window is open', async () => {
    const clock = newClock();
    const store = newStore(clock);
    await store.hit('token:1', 1, 60);
    clock.advance(59.999);
    expect(await store.hit('token:1', 1, 60)).toMatchObject({ allowed: false, secondsLeft: 1 });
  });
});

describe('counting hits in memory', () => {
  it('forgets nothing of a token while strangers make up addresses', async () => {
    const store = new MemoryRateLimitStore(new FixedClock());
    await store.hit('api-token:7', 2, 3600);
    await store.hit('api-token:7', 2, 3600);
    for (let address = 0; address < MOST_WINDOWS * 2; address++) await store.hit(`api-address:${address}`, 30, 60);
    expect(await store.hit('api-token:7', 2, 3600)).toMatchObject({ allowed: false });
  });

  it('remembers the newest names of a flood, and only so many', async () => {
    const store = new MemoryRateLimitStore(new FixedClock());
    const names = Array.from({ length: MOST_WINDOWS * 3 }, (_, index) => `api-address:${index}`);
    for (const name of names) await store.hit(name, 1, 60);
    const allowances = await Promise.all(names.map((name) => store.peek(name, 1, 60)));
    const remembered = names.filter((_, index) => !allowances[index]!.allowed);
    expect(remembered.length).toBeLessThanOrEqual(MOST_WINDOWS);
    expect(remembered.length).toBeGreaterThan(MOST_WINDOWS / 2);
    expect(remembered).toEqual(names.slice(-remembered.length));
  });
});
