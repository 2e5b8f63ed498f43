import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryRateLimitStore, MOST_WINDOWS } from '../../src/shared/limits/rate-limit.memory.js';
import type { Allowance } from '../../src/shared/limits/rate-limit.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';

const STORES = [['memory', (clock: FixedClock) => new MemoryRateLimitStore(clock)]] as const;

describe.each(STORES)('counting hits with %s', (_name, newStore) => {
  it('allows exactly as many of any number of hits at once as the limit says, each with its own rest', async () => {
    const numbers = fc.record({ hits: fc.integer({ min: 1, max: 300 }), limit: fc.integer({ min: 1, max: 120 }) });
    await fc.assert(
      fc.asyncProperty(numbers, async ({ hits, limit }) => {
        const store = newStore(new FixedClock());
        const allowances = await Promise.all(Array.from({ length: hits }, () => store.hit('token:1', limit, 60)));
        const allowed = allowances.filter((allowance) => allowance.allowed);
        expect(allowed).toHaveLength(Math.min(hits, limit));
        const rests = allowed.map(({ remaining }) => remaining).toSorted((one, other) => other - one);
        expect(rests).toEqual(allowed.map((_, index) => limit - 1 - index));
        const refused = allowances.filter((allowance) => !allowance.allowed);
        expect(refused.every(({ remaining }) => remaining === 0)).toBe(true);
        expect(allowances.every((allowance) => allowance.limit === limit && allowance.secondsLeft === 60)).toBe(true);
      }),
      { numRuns: 50 },
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
        const clock = new FixedClock();
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
            const allowance = { ...rest, limit: 3, secondsLeft: window.since + 30 - time };
            expected.push(allowance, allowance);
            found.push(await store.peek(step.name, 3, 30), await store.hit(step.name, 3, 30));
            window.hits++;
          }
        }
        expect(found).toEqual(expected);
      }),
    );
  });

  it('opens no window by looking', async () => {
    const clock = new FixedClock();
    const store = newStore(clock);
    await store.peek('token:1', 5, 60);
    clock.advance(30);
    expect(await store.hit('token:1', 5, 60)).toMatchObject({ remaining: 4, secondsLeft: 60 });
  });

  it('is not prolonged by hits that are refused', async () => {
    const clock = new FixedClock();
    const store = newStore(clock);
    for (let second = 0; second < 60; second++) {
      await store.hit('token:1', 1, 60);
      clock.advance(1);
    }
    expect(await store.hit('token:1', 1, 60)).toMatchObject({ allowed: true, secondsLeft: 60 });
  });

  it('says at least one second while the window is open', async () => {
    const clock = new FixedClock();
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
