import { createHash } from 'node:crypto';
import type { SimulatedAccount } from './account.ts';
import { addDays, DAY_MS, dayOf } from './calendar.ts';
import { findModel, priceOf } from './catalogue.ts';
import type { SimulatedKey } from './key.ts';
import { NANOS_PER_USD } from './money.ts';
import type { Simulator } from './simulator.ts';

export const DEMO_DAYS = 90;
/** Spending is laid out this far ahead, so that a demo that is left running goes on living. */
const DAYS_AHEAD = 7;
/** Of so many days each hour is lived through; those before pass in a few portions a day. */
const HOURLY_DAYS = 8;

type Rhythm = 'people' | 'office' | 'night' | 'always';

/** How much of a day's requests comes in each hour, UTC. */
const RHYTHMS: Record<Rhythm, readonly number[]> = {
  people: [3, 2, 1, 1, 1, 2, 4, 6, 8, 9, 10, 10, 9, 9, 9, 9, 9, 10, 11, 12, 11, 9, 7, 5],
  office: [0, 0, 0, 0, 0, 0, 1, 5, 9, 11, 12, 9, 6, 10, 12, 11, 9, 5, 2, 1, 0, 0, 0, 0],
  night: [8, 9, 8, 7, 6, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 5, 7],
  always: [4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4],
};
const PORTIONS = [0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0];

/** What one key is used for. */
interface Habit {
  /** Requests on a usual working day, by model. */
  models: Record<string, number>;
  promptTokens: number;
  completionTokens: number;
  rhythm: Rhythm;
  /** The share of prompt tokens that comes from the cache. */
  cached: number;
  /** The share of a working day's requests that a weekend day has. */
  weekend: number;
  /** From and until which day, counted back from today. */
  from?: number;
  until?: number;
  /** Whether the account's own provider key is used. */
  byok?: boolean;
}

/** A company's account with a story for each state that a key can be in. */
export interface DemoWorld {
  account: SimulatedAccount;
  management: SimulatedKey;
  /** The keys that the demo user registers; the other keys are found through the management key. */
  registered: SimulatedKey[];
  /** The key behind the gateway's upstream. */
  gateway: SimulatedKey;
  /** What happens after the keys were registered: one expires, one is disabled, one has spent its limit. */
  letTimePass(): void;
}

const CHAT: Habit = {
  models: { 'openai/gpt-4.1-mini': 420, 'google/gemini-2.5-flash': 180 },
  promptTokens: 1900,
  completionTokens: 240,
  rhythm: 'people',
  cached: 0.45,
  weekend: 0.6,
};
const SUPPORT: Habit = {
  models: { 'anthropic/claude-sonnet-4.5': 65, 'openai/gpt-4.1-mini': 210, 'meta-llama/llama-3.3-70b-instruct': 90 },
  promptTokens: 2600,
  completionTokens: 380,
  rhythm: 'office',
  cached: 0.3,
  weekend: 0.25,
};
const REPORTS: Habit = {
  models: { 'anthropic/claude-sonnet-4.5': 12, 'openai/gpt-4.1': 18 },
  promptTokens: 14_000,
  completionTokens: 1900,
  rhythm: 'night',
  cached: 0.1,
  weekend: 1,
};
const PROTOTYPE: Habit = {
  models: { 'deepseek/deepseek-r1:free': 25, 'openai/gpt-4.1-mini': 40 },
  promptTokens: 900,
  completionTokens: 500,
  rhythm: 'people',
  cached: 0,
  weekend: 0.8,
  until: 41,
};
const CONTRACTOR: Habit = {
  models: { 'openai/gpt-4.1': 55 },
  promptTokens: 3200,
  completionTokens: 700,
  rhythm: 'office',
  cached: 0.2,
  weekend: 0.05,
  from: 70,
  until: 18,
};
const GATEWAY: Habit = {
  models: { 'openai/gpt-4.1-mini': 150, 'anthropic/claude-sonnet-4.5': 20 },
  promptTokens: 1200,
  completionTokens: 300,
  rhythm: 'office',
  cached: 0.2,
  weekend: 0.3,
  from: 30,
};
const NOTEBOOK: Habit = {
  models: { 'google/gemini-2.5-flash': 35, 'openai/gpt-4.1': 9 },
  promptTokens: 5200,
  completionTokens: 900,
  rhythm: 'people',
  cached: 0,
  weekend: 0.4,
};
const EMBEDDINGS: Habit = {
  models: { 'openai/text-embedding-3-small': 1300 },
  promptTokens: 700,
  completionTokens: 0,
  rhythm: 'always',
  cached: 0,
  weekend: 1,
  byok: true,
};

/** Fills an empty simulator. The same day gives the same world, secrets excepted. */
export function buildDemoWorld(simulator: Simulator): DemoWorld {
  const now = simulator.world.now();
  const account = simulator.account({ credits: 0 });
  const research = account.workspace('Research');
  const management = account.managementKey({ name: 'Company account' });
  const habits = new Map<SimulatedKey, Habit>();
  const keyWith = (habit: Habit, options: Parameters<SimulatedAccount['key']>[0]) => {
    const key = account.key({ createdAt: new Date(now.getTime() - 120 * DAY_MS), ...options });
    habits.set(key, habit);
    return key;
  };

  const chat = keyWith(CHAT, { name: 'Website chat', limit: 60, limitReset: 'monthly' });
  const support = keyWith(SUPPORT, { name: 'Support bot' });
  const reports = keyWith(REPORTS, { name: 'Nightly reports', expiresAt: new Date(now.getTime() + 5 * DAY_MS) });
  const prototype = keyWith(PROTOTYPE, { name: 'Old prototype', expiresAt: new Date(now.getTime() + DAY_MS) });
  const contractor = keyWith(CONTRACTOR, { name: 'Contractor' });
  const gateway = keyWith(GATEWAY, { name: 'Gateway', limit: 25, limitReset: 'weekly' });
  keyWith(NOTEBOOK, { name: 'Research notebook', workspace: research });
  keyWith(EMBEDDINGS, { name: 'Embeddings import' });

  for (const [key, habit] of habits) live(key, habit, dayOf(now));
  const planned = account.spendings.reduce((sum, { cost }) => sum + cost, 0n);
  account.credits = (planned / NANOS_PER_USD / 25n + 4n) * 25n * NANOS_PER_USD;
  return {
    account,
    management,
    registered: [chat, support, reports, prototype, contractor, gateway],
    gateway,
    letTimePass: () => {
      support.setLimit(support.spent('cost'), null);
      prototype.expire();
      contractor.disable();
    },
  };
}

/** Spends what the habit says, day by day, spread over the hours. */
function live(key: SimulatedKey, habit: Habit, today: string): void {
  const { from = DEMO_DAYS, until = -DAYS_AHEAD } = habit;
  for (let ago = from; ago >= until; ago--) {
    const day = addDays(today, -ago);
    const chance = chanceOf(`${key.name} ${day}`);
    const isWeekend = [0, 6].includes(new Date(day).getUTCDay());
    // The business grows a little, some days are busier than others, and now and then one is a launch.
    const growth = 1 + (DEMO_DAYS - ago) / (2 * DEMO_DAYS);
    const launch = chance() > 0.96 ? 2.2 : 1;
    const busyness = growth * launch * (0.75 + chance() / 2) * (isWeekend ? habit.weekend : 1);
    for (const [model, usual] of Object.entries(habit.models)) {
      const requests = Math.round(usual * busyness * (0.8 + chance() * 0.4));
      spendDay(key, habit, {
        day,
        model,
        requests,
        rhythm: ago < HOURLY_DAYS ? RHYTHMS[habit.rhythm] : PORTIONS,
        chance,
      });
    }
  }
}

interface Portion {
  day: string;
  model: string;
  requests: number;
  rhythm: readonly number[];
  chance: () => number;
}

/** In portions, at hours that people and programs are awake, each served by one of the model's providers. */
function spendDay(key: SimulatedKey, habit: Habit, { day, model: id, requests, rhythm, chance }: Portion): void {
  const model = findModel(id)!;
  const whole = rhythm.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  for (const [hour, weight] of rhythm.entries()) {
    const share = Math.floor((requests * (reached + weight)) / whole) - Math.floor((requests * reached) / whole);
    reached += weight;
    if (weight === 0) continue;
    const promptTokens = Math.round(share * habit.promptTokens * (0.8 + chance() * 0.4));
    const completionTokens = Math.round(share * habit.completionTokens * (0.8 + chance() * 0.4));
    const cachedTokens = model.prices.cached ? Math.round(promptTokens * habit.cached) : 0;
    const provider = model.providers[Math.floor(chance() ** 2 * model.providers.length)]!;
    const minute = String(Math.floor(chance() * 60)).padStart(2, '0');
    if (share === 0) continue;
    const price = priceOf(model, promptTokens, completionTokens, cachedTokens);
    key.spend({
      at: `${day}T${String(hour).padStart(2, '0')}:${minute}:00Z`,
      model: id,
      provider,
      requests: share,
      promptTokens,
      completionTokens,
      reasoningTokens: id.startsWith('deepseek') ? Math.round(completionTokens * 0.6) : 0,
      cachedTokens,
      cost: habit.byok ? 0n : price,
      byokCost: habit.byok ? price : 0n,
    });
  }
}

/** Numbers from 0 to 1 that look like chance and are the same for the same words (mulberry32). */
function chanceOf(words: string): () => number {
  let state = createHash('sha256').update(words).digest().readUInt32LE();
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
