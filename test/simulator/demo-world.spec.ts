import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { dayOf } from './calendar.ts';
import { buildDemoWorld, DEMO_DAYS, type DemoWorld } from './demo-world.ts';
import type { SimulatedKey } from './key.ts';
import { type Simulator, startSimulator } from './simulator.ts';

describe('the world of the demo', () => {
  let clock: FixedClock;
  let simulator: Simulator;
  let world: DemoWorld;

  beforeEach(async () => {
    clock = new FixedClock();
    simulator = await startSimulator({ now: () => clock.now(), activityDays: DEMO_DAYS });
    world = buildDemoWorld(simulator);
  });
  afterEach(() => simulator.close());

  async function ask(path: string, { secret }: SimulatedKey) {
    const answer = await fetch(simulator.url + path, { headers: { authorization: `Bearer ${secret}` } });
    return { status: answer.status, body: (await answer.json()) as { data: Record<string, unknown>[] } };
  }

  it('is the same on the same day', () => {
    const spendings = world.account.spendings.map(({ key, ...spending }) => ({ ...spending, key: key.name }));
    const again = buildDemoWorld(simulator).account.spendings;
    expect(again.map(({ key, ...spending }) => ({ ...spending, key: key.name }))).toEqual(spendings);
  });

  it('has usage of several models on each of the last 90 days, and goes on', async () => {
    const { body } = await ask('/activity', world.management);
    const days = Map.groupBy(body.data, ({ date }) => date);
    expect(days.size).toBe(DEMO_DAYS);
    for (const rows of days.values()) expect(rows.length).toBeGreaterThan(4);
    expect(dayOf(Math.max(...world.account.spendings.map(({ at }) => at)))).toBe('2026-06-22');
  });

  it('has usage in every hour of the last week, told by the hour', async () => {
    const now = clock.now().getTime();
    const lived = world.account.past().filter(({ at }) => at > now - 7 * 86_400_000);
    expect(new Set(lived.map(({ at }) => new Date(at).toISOString().slice(0, 13))).size).toBeGreaterThan(6 * 24);
  });

  it('lets every key be registered, and then has one in each state', async () => {
    for (const key of world.registered) expect((await ask('/key', key)).status).toBe(200);
    world.letTimePass();
    const states = await Promise.all(world.registered.map(async (key) => [key.name, (await ask('/key', key)).status]));
    expect(states).toEqual([
      ['Website chat', 200],
      ['Support bot', 200],
      ['Nightly reports', 200],
      ['Old prototype', 401],
      ['Contractor', 401],
      ['Gateway', 200],
    ]);
    expect(world.registered.map(({ limitRemaining }) => limitRemaining === 0n).indexOf(true)).toBe(1);
    expect(world.account.credits).toBeGreaterThan(world.account.used);
  });
});
