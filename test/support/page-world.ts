import { EntityManager } from '@mikro-orm/core';
import { addDays, type Day } from '../../src/shared/time/period.js';
import { UsageDay } from '../../src/usage/usage.entity.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { newPerson, type Person } from './people.ts';
import { UsageWorld } from './usage-world.ts';

export const TODAY = '2026-06-15';
/** What somebody might call a key or a model who means no good. */
export const HOSTILE = `<img src=x onerror="alert(1)">'"><script>alert(2)</script>`;

/** A service with a simulated OpenRouter, and a person whose keys were used: what most pages want to show. */
export interface PageWorld extends AsyncDisposable {
  world: UsageWorld;
  person: Person;
  /** By name: `chat`, `company` (a management key) and one with a hostile name. */
  keys: Record<'chat' | 'company' | 'hostile', number>;
  /** A secret that OpenRouter knows and nobody has added yet. */
  unusedSecret: string;
}

export async function newPageWorld(): Promise<PageWorld> {
  const world = await UsageWorld.start('sqlite', new FixedClock(`${TODAY}T12:00:00.000Z`));
  const person = await newPerson(world.app, 'ada@example.com');
  const account = world.simulator.account();
  const chat = account.key({ name: 'Website chat', limit: 20, limitReset: 'monthly' });
  chat.spend({ at: `${TODAY}T08:00:00Z`, cost: 17 });
  account.key({ name: 'Found by itself' });
  const keys = {
    chat: await world.register(person.id, chat),
    company: await world.register(person.id, account.managementKey({ name: 'Company' })),
    hostile: await world.register(person.id, account.key({ name: 'x' }), `=${HOSTILE}`),
  };
  await world.sync();
  await use(world, person, keys.chat, 'openai/gpt-4.1-mini', 3_000_000_000n);
  await use(world, person, keys.hostile, HOSTILE, 15_000n);
  return {
    world,
    person,
    keys,
    unusedSecret: account.key({ name: 'New' }).secret,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** Some usage on each of the last forty days but today. */
async function use(world: UsageWorld, { id }: Person, keyId: number, model: string, cost: bigint): Promise<void> {
  const em = world.get(EntityManager as never) as EntityManager;
  const days = Array.from({ length: 40 }, (_, index): Day => addDays(TODAY, -1 - index));
  const rows = days.map((date) => {
    const figures = { requests: 1_234, tokensInput: 50_000, tokensOutput: 700, cost };
    return Object.assign(new UsageDay(id, keyId, date, model), figures);
  });
  await em.fork().persist(rows).flush();
}
