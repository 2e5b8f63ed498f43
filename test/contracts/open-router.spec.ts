import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AccountKey,
  type HourUsage,
  type KeyFacts,
  type ModelUsage,
  type OpenRouter,
  OpenRouterDenied,
  OpenRouterUnavailable,
} from '../../src/open-router/open-router.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { accountKey, FakeOpenRouter, keyFacts, modelUsage } from '../fakes/open-router.fake.ts';
import { faults } from '../simulator/faults.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { httpOpenRouter } from '../support/open-router.ts';

const MANAGEMENT = `sk-or-v1-${'a'.repeat(64)}`;
const STANDARD = `sk-or-v1-${'b'.repeat(64)}`;
const HASH = 'c'.repeat(64);
const EXPIRES = '2027-01-01T00:00:00.000Z';

/**
 * The same small account in each adapter's world: a management key, and a standard key with a monthly limit of 10 USD that
 * spent 1.5 USD (and 0.25 USD of BYOK) the day before yesterday through two endpoints, and 0.000000001 USD today.
 */
interface World extends AsyncDisposable {
  openRouter: OpenRouter;
  /** Every call that needs a management key fails from now on. */
  breakDown(): void;
}

const BEFORE = { date: '2026-06-13', requests: 3, tokensInput: 300, tokensOutput: 60, tokensReasoning: 9 };
const HOURS: HourUsage[] = [
  { ...hourUsage('2026-06-13T08', 2, 200, 40), cost: 1_000_000_000n },
  { ...hourUsage('2026-06-13T09', 1, 100, 20), cost: 500_000_000n },
  { ...hourUsage('2026-06-15T08', 1, 10, 2), cost: 1n },
];
const TODAY = { date: '2026-06-15', requests: 1, tokensInput: 10, tokensOutput: 2, tokensReasoning: 0 };

async function inMemory(): Promise<World> {
  const fake = new FakeOpenRouter(() => '2026-06-15');
  const figures = { usage: 1_500_000_001n, usageToday: 1n, byokUsage: 250_000_000n, byokUsageToday: 0n };
  const limits = { limit: 10_000_000_000n, limitRemaining: 8_499_999_999n, limitReset: 'monthly' as const };
  const known = { ...figures, ...limits, label: 'sk-or-v1-bbb...bbbb', expiresAt: new Date(EXPIRES) };
  fake.knows(STANDARD, known);
  fake.manages(MANAGEMENT, {
    credits: { total: 100_000_000_000n, used: 1_500_000_001n },
    keys: [
      accountKey({
        ...known,
        hash: HASH,
        name: 'Blog',
        createdAt: new Date('2026-01-01T00:00:00Z'),
        lastUsedAt: new Date('2026-06-15T08:00:00Z'),
      }),
    ],
    usage: {
      [HASH]: [
        modelUsage({ ...BEFORE, cost: 1_500_000_000n, byokCost: 250_000_000n }),
        modelUsage({ ...TODAY, tokensCached: 5, cost: 1n }),
      ],
    },
    hours: { [HASH]: HOURS },
  });
  return {
    openRouter: fake,
    breakDown: () => void (fake.failure = new OpenRouterUnavailable('OpenRouter could not be reached.')),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function overHttp(): Promise<World> {
  const clock = new FixedClock();
  const simulator = await startSimulator({ now: () => clock.now() });
  const account = simulator.account({ credits: 100 });
  account.managementKey({ secret: MANAGEMENT });
  const key = account.key({
    name: 'Blog',
    secret: STANDARD,
    hash: HASH,
    limit: 10,
    limitReset: 'monthly',
    expiresAt: EXPIRES,
    createdAt: '2026-01-01T00:00:00Z',
  });
  const { date: _before, ...before } = { ...BEFORE, promptTokens: 200, completionTokens: 40, reasoningTokens: 6 };
  key.spend({ ...before, at: '2026-06-13T08:00:00Z', provider: 'OpenAI', requests: 2, cost: 1, byokCost: '0.25' });
  const rest = { requests: 1, promptTokens: 100, completionTokens: 20, reasoningTokens: 3, cost: '0.5' };
  key.spend({ ...rest, at: '2026-06-13T09:00:00Z', provider: 'Azure' });
  const today = { promptTokens: 10, completionTokens: 2, cachedTokens: 5, cost: '0.000000001' };
  key.spend({ ...today, at: '2026-06-15T08:00:00Z' });
  const openRouter = httpOpenRouter(simulator.url, clock);
  return {
    openRouter,
    breakDown: () => void simulator.fail(faults.serverError()),
    [Symbol.asyncDispose]: async () => {
      await openRouter.onApplicationShutdown();
      await simulator.close();
    },
  };
}

describe.each([
  ['in memory', inMemory],
  ['over HTTP', overHttp],
])('OpenRouter %s', (_name, start) => {
  let world: World;
  let openRouter: OpenRouter;

  beforeEach(async () => {
    world = await start();
    ({ openRouter } = world);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const facts: KeyFacts = keyFacts({
    label: 'sk-or-v1-bbb...bbbb',
    usage: 1_500_000_001n,
    usageToday: 1n,
    byokUsage: 250_000_000n,
    limit: 10_000_000_000n,
    limitRemaining: 8_499_999_999n,
    limitReset: 'monthly',
    expiresAt: new Date(EXPIRES),
  });

  it('describes a key to the nano-dollar', async () => {
    expect(await openRouter.describeKey(STANDARD)).toEqual({ outcome: 'known', facts });
  });

  it('knows a management key by what it is', async () => {
    expect(await openRouter.describeKey(MANAGEMENT)).toMatchObject({ outcome: 'known', facts: { isManagement: true } });
  });

  it('refuses a key that it does not know', async () => {
    const answer = await openRouter.describeKey(`sk-or-v1-${'0'.repeat(64)}`);
    expect(answer).toMatchObject({ outcome: 'refused', expired: false });
  });

  it('lists the keys of the account with all that is known of them', async () => {
    const { isManagement: _, ...figures } = facts;
    const { keys, isComplete } = await openRouter.listKeys(MANAGEMENT);
    expect(isComplete).toBe(true);
    expect(keys.map((key) => ({ ...key, workspaceId: null }))).toEqual<AccountKey[]>([
      {
        ...figures,
        hash: HASH,
        name: 'Blog',
        label: 'sk-or-v1-bbb...bbbb',
        isDisabled: false,
        workspaceId: null,
        createdAt: new Date('2026-01-01T00:00:00Z'),
        lastUsedAt: new Date('2026-06-15T08:00:00Z'),
      },
    ]);
  });

  it('tells the credits', async () => {
    expect(await openRouter.credits(MANAGEMENT)).toEqual({ total: 100_000_000_000n, used: 1_500_000_001n });
  });

  const before: ModelUsage = modelUsage({ ...BEFORE, cost: 1_500_000_000n, byokCost: 250_000_000n });

  it('tells completed days, the endpoints of a model together, and never today', async () => {
    expect(await openRouter.activity(MANAGEMENT, HASH)).toEqual([before]);
    expect(await openRouter.activity(MANAGEMENT, HASH, '2026-06-13')).toEqual([before]);
    expect(await openRouter.activity(MANAGEMENT, HASH, '2026-06-14')).toEqual([]);
  });

  it('tells what was used today, under the names that activity will use', async () => {
    const today = modelUsage({ ...TODAY, tokensCached: 5, cost: 1n });
    expect(await openRouter.usageOfDay(MANAGEMENT, HASH, '2026-06-15')).toEqual([today]);
  });

  it('tells the same by the hour, both ends included, and of a key that was not used nothing', async () => {
    const keys = [
      { hash: HASH, name: 'Blog' },
      { hash: 'd'.repeat(64), name: 'Nobody' },
    ];
    const told = (from: string, through: string) =>
      openRouter.usageByHour(
        MANAGEMENT,
        keys.map((key) => ({ ...key, from })),
        through,
      );
    expect(await told('2026-06-13T08', '2026-06-15T12')).toEqual([
      { hash: HASH, from: '2026-06-13T08', through: '2026-06-15T12', usage: HOURS },
      { hash: 'd'.repeat(64), from: '2026-06-13T08', through: '2026-06-15T12', usage: [] },
    ]);
    const [blog] = await told('2026-06-13T09', '2026-06-15T07');
    expect(blog).toEqual({ hash: HASH, from: '2026-06-13T09', through: '2026-06-15T07', usage: [HOURS[1]] });
  });

  it('tells nothing of keys that are not in the account', async () => {
    await expect(openRouter.usageOfDay(MANAGEMENT, '0'.repeat(64), '2026-06-15')).rejects.toThrow(
      OpenRouterUnavailable,
    );
    await expect(openRouter.activity(MANAGEMENT, '0'.repeat(64))).rejects.toThrow(OpenRouterUnavailable);
  });

  const managementCalls: [string, (asked: OpenRouter, secret: string, signal?: AbortSignal) => Promise<unknown>][] = [
    ['listKeys', (asked, secret, signal) => asked.listKeys(secret, signal)],
    ['credits', (asked, secret, signal) => asked.credits(secret, signal)],
    ['activity', (asked, secret, signal) => asked.activity(secret, HASH, undefined, signal)],
    ['usageOfDay', (asked, secret, signal) => asked.usageOfDay(secret, HASH, '2026-06-15', signal)],
    [
      'usageByHour',
      (asked, secret, signal) =>
        asked.usageByHour(secret, [{ hash: HASH, name: 'Blog', from: '2026-06-15T00' }], '2026-06-15T12', signal),
    ],
  ];

  it.each(managementCalls)('answers %s to management keys only', async (_what, call) => {
    await expect(call(openRouter, STANDARD)).rejects.toMatchObject({ name: 'OpenRouterDenied', status: 403 });
    await expect(call(openRouter, 'sk-or-v1-unknown')).rejects.toThrow(OpenRouterDenied);
  });

  it.each(managementCalls)('says that %s is unavailable when it breaks down', async (_what, call) => {
    world.breakDown();
    await expect(call(openRouter, MANAGEMENT)).rejects.toThrow(OpenRouterUnavailable);
  });

  it.each([
    [
      'describeKey',
      (asked: OpenRouter, _: string, signal?: AbortSignal) => asked.describeKey(STANDARD, signal),
    ] as const,
    ...managementCalls,
  ])('gives %s up with the reason of the signal', async (_what, call) => {
    const reason = new Error('the service stops');
    await expect(call(openRouter, MANAGEMENT, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

function hourUsage(hour: string, requests: number, tokensInput: number, tokensOutput: number): HourUsage {
  return { hour, model: 'openai/gpt-4.1-mini', requests, tokensInput, tokensOutput, cost: 0n };
}
