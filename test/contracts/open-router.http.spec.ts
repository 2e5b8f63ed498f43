import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpOpenRouter } from '../../src/open-router/open-router.http.js';
import { isFromOpenRouter, type KeyFacts } from '../../src/open-router/open-router.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import type { SimulatedAccount } from '../simulator/account.ts';
import { type Fault, faults } from '../simulator/faults.ts';
import type { SimulatedKey } from '../simulator/key.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { httpOpenRouter } from '../support/open-router.ts';
import { processTimeOf } from '../support/process-time.ts';

const HASTY_MS = 400;
const MARKER = 'upstream text that nobody may see';

let clock: FixedClock;
let simulator: Simulator;
let account: SimulatedAccount;
let management: SimulatedKey;
let key: SimulatedKey;
let openRouter: HttpOpenRouter;
/** Gives up soon. */
let hasty: HttpOpenRouter;
let logs: string[];

beforeEach(async () => {
  clock = new FixedClock();
  simulator = await startSimulator({ now: () => clock.now() });
  account = simulator.account();
  management = account.managementKey();
  key = account.key({ name: 'Blog' });
  logs = [];
  openRouter = httpOpenRouter(simulator.url, clock, undefined, logs);
  hasty = httpOpenRouter(simulator.url, clock, HASTY_MS, logs);
});
afterEach(async () => {
  await openRouter.onApplicationShutdown();
  await hasty.onApplicationShutdown();
  await simulator.close();
});

async function factsOf(of: SimulatedKey): Promise<KeyFacts> {
  const answer = await openRouter.describeKey(of.secret);
  if (answer.outcome !== 'known') throw new Error(`${answer.outcome}: ${answer.detail}`);
  return answer.facts;
}

async function failing(fault: Fault): Promise<Awaited<ReturnType<HttpOpenRouter['describeKey']>>> {
  simulator.fail(fault);
  const isEndless = fault.kind === 'hang' || fault.kind === 'stall';
  return (isEndless ? hasty : openRouter).describeKey(key.secret);
}

describe('the state of a key', () => {
  it('is refused as expired when OpenRouter says so', async () => {
    key.expire();
    expect(await openRouter.describeKey(key.secret)).toMatchObject({ outcome: 'refused', expired: true });
  });

  it.each(['disable', 'delete'] as const)('is refused without a reason after %s', async (change) => {
    key[change]();
    expect(await openRouter.describeKey(key.secret)).toMatchObject({ outcome: 'refused', expired: false });
  });

  it.each(['No auth credentials found', 'No cookie auth credentials found', 'Invalid credentials'])(
    'is refused in the older words "%s"',
    async (message) => {
      expect(await failing(faults.falseUnauthorized(message))).toMatchObject({ outcome: 'refused', expired: false });
    },
  );

  it('stays open when our own header was missing', async () => {
    expect(await failing(faults.falseUnauthorized('Missing Authentication header'))).toMatchObject({
      outcome: 'unclear',
    });
  });

  it('is known when its limit is spent, with what is left over', async () => {
    key.setLimit(1, 'daily');
    key.spend({ cost: '1.25' });
    expect(await factsOf(key)).toMatchObject({ limit: 1_000_000_000n, limitRemaining: -250_000_000n });
  });

  it('shows the narrowest of limit and budget', async () => {
    const budgets = [{ scope: 'workspace', limit: 2, reset: null }];
    const limited = account.key({ limit: 5, budgets });
    expect((await factsOf(limited)).limitRemaining).toBe(2_000_000_000n);
    expect((await factsOf(account.key({ budgets }))).limitRemaining).toBe(2_000_000_000n);
    limited.spend({ cost: '4.5', at: '2026-06-01T00:00:00Z' });
    limited.budgets = [{ scope: 'member', limit: 3_000_000_000n, reset: 'daily' }];
    expect((await factsOf(limited)).limitRemaining).toBe(500_000_000n);
  });

  it.each([
    ['blocked', faults.addressNotAllowed()],
    ['no_credit', faults.noCredit()],
    ['unclear', faults.status(404)],
    ['unclear', faults.status(400)],
    ['unclear', faults.status(418)],
    ['unclear', faults.cloudflare(200)],
    ['unclear', faults.cloudflare(401)],
    ['unclear', faults.cloudflare(403)],
    ['unclear', faults.brokenJson()],
    ['unclear', faults.answer(200, '{}')],
    ['unclear', faults.answer(200, '{"data":null}')],
    ['unclear', faults.answer(200, '[]')],
    ['unclear', faults.answer(200, '')],
    ['unclear', faults.answer(200, '['.repeat(200_000))],
    ['unclear', faults.without('usage')],
    ['unreachable', faults.status(408)],
    ['unreachable', faults.tooManyRequests()],
    ['unreachable', faults.serverError()],
    ['unreachable', faults.cloudflare(502)],
    ['unreachable', faults.unavailable()],
    ['unreachable', faults.cloudflare(524)],
    ['unreachable', faults.status(529)],
    ['unreachable', faults.reset()],
    ['unreachable', faults.hang()],
    ['unreachable', faults.stall()],
    ['unreachable', faults.answer(200, `{"data":"${'x'.repeat(6_000_000)}"}`)],
  ])('is %s after %o', async (outcome, fault) => {
    expect(await failing(fault)).toMatchObject({ outcome, detail: expect.stringMatching(/^[A-Z].*\.$/) });
  });

  it('is unreachable where nobody listens', async () => {
    const nobody = httpOpenRouter('http://127.0.0.1:9/api/v1', clock);
    expect(await nobody.describeKey(key.secret)).toMatchObject({ outcome: 'unreachable' });
    await nobody.onApplicationShutdown();
  });

  it.each(['', 'two words', 'line\nbreak', 'schlüssel', 'sk-or-v1-\u0000'])(
    'is refused without a question when no key looks like %j',
    async (secret) => {
      expect(await openRouter.describeKey(secret)).toMatchObject({ outcome: 'refused' });
      await expect(openRouter.credits(secret)).rejects.toMatchObject({ status: 401 });
      expect(simulator.calls).toEqual([]);
    },
  );
});

describe('what OpenRouter adds, leaves out or writes differently', () => {
  it('does not disturb: unknown fields', async () => {
    simulator.fail(faults.withUnknownFields());
    key.spend({ cost: 1, at: '2026-06-14T10:00:00Z' });
    key.spend({ cost: 1 });
    expect((await factsOf(key)).usage).toBe(2_000_000_000n);
    expect((await openRouter.listKeys(management.secret)).keys).toHaveLength(1);
    expect(await openRouter.activity(management.secret, key.hash)).toHaveLength(1);
    expect(await openRouter.usageOfDay(management.secret, key.hash, '2026-06-15')).toHaveLength(1);
  });

  it('does not disturb: fields that are gone', async () => {
    const gone = ['expires_at', 'rate_limit', 'is_provisioning_key', 'is_management_key', 'limit_reset', 'label'];
    simulator.fail(faults.without(...gone, 'byok_usage', 'usage_daily', 'limit', 'workspace_id', 'last_used_at'));
    key.spend({ cost: 1 });
    expect(await factsOf(key)).toMatchObject({ usage: 1_000_000_000n, label: null, limit: null, expiresAt: null });
    expect(await openRouter.listKeys(management.secret)).toMatchObject({
      keys: [{ hash: key.hash, name: 'Blog' }],
      isComplete: true,
    });
  });

  it('does not disturb: numbers as texts and new words', async () => {
    const changed = {
      usage: '1.5e-3',
      limit: '10',
      limit_remaining: 9.9985,
      limit_reset: 'hourly',
      expires_at: 'soon',
    };
    simulator.fail(
      faults.edit<{ data: object }>(({ data }) => ({ data: { ...data, ...changed } })),
      { path: '/key' },
    );
    expect(await factsOf(key)).toMatchObject({
      usage: 1_500_000n,
      limit: 10_000_000_000n,
      limitRemaining: 9_998_500_000n,
      limitReset: null,
      expiresAt: null,
    });
  });

  it('takes no text that a database or a page could stumble over', async () => {
    const odd = (letter: string) => `${letter}\u0000\ud800\n${letter.repeat(150)}`;
    simulator.fail(
      faults.edit<{ data: object[] }>(({ data }) => ({
        data: [...data.map((item) => ({ ...item, name: odd('n'), workspace_id: 'w\u0000' })), { hash: 'h\u0000' }],
      })),
      { path: '/keys' },
    );
    expect(await openRouter.listKeys(management.secret)).toMatchObject({
      keys: [{ name: 'n'.repeat(100), workspaceId: null }],
      isComplete: false,
    });
    key.spend({ at: '2026-06-14T10:00:00Z', model: 'a/b\u0000' });
    key.spend({ at: '2026-06-14T10:00:00Z', model: 'm'.repeat(201) });
    expect(await openRouter.activity(management.secret, key.hash)).toEqual([]);
    simulator.fail(faults.answer(200, '{"data":{"usage":0,"expires_at":"+275760-01-01T00:00:00Z"}}'), { path: '/key' });
    expect((await factsOf(key)).expiresAt).toBeNull();
  });

  it('keeps every digit of an amount', async () => {
    simulator.fail(faults.answer(200, '{"data":{"usage":123456789.123456789,"usage_daily":4.5E-8}}'));
    expect(await factsOf(key)).toMatchObject({ usage: 123_456_789_123_456_789n, usageToday: 45n });
  });

  it('is unclear rather than wrong for amounts nobody owes', async () => {
    simulator.fail(faults.answer(200, '{"data":{"usage":1e300}}'));
    expect(await openRouter.describeKey(key.secret)).toMatchObject({ outcome: 'unclear' });
  });
});

describe('Retry-After', () => {
  it.each([
    ['7', 7],
    ['Mon, 15 Jun 2026 12:00:30 GMT', 30],
    ['Mon, 15 Jun 2026 11:00:00 GMT', 0],
    ['whenever', null],
    ['99999999999', 86_400],
  ])('%s is %s seconds', async (header, seconds) => {
    simulator.fail(faults.unavailable(header));
    expect(await openRouter.describeKey(key.secret)).toMatchObject({ retryAfterSeconds: seconds });
    await expect(openRouter.credits(management.secret)).rejects.toMatchObject({ retryAfterSeconds: seconds });
  });
});

describe('listing keys', () => {
  it('takes every page of every workspace, disabled and expired keys too', async () => {
    const research = account.workspace('Research');
    for (let n = 0; n < 204; n++) account.key({ workspace: n % 4 === 0 ? research : undefined });
    account.key({ name: 'off', disabled: true });
    account.key({ name: 'over', expiresAt: '2026-06-01T00:00:00Z', workspace: research });
    const { keys, isComplete } = await openRouter.listKeys(management.secret);
    expect(isComplete).toBe(true);
    expect(new Set(keys.map(({ hash }) => hash))).toEqual(
      new Set(account.keys.filter(({ isManagement }) => !isManagement).map(({ hash }) => hash)),
    );
    expect(keys.find(({ name }) => name === 'off')).toMatchObject({ isDisabled: true });
    expect(keys.find(({ name }) => name === 'over')).toMatchObject({
      workspaceId: research.id,
      expiresAt: new Date('2026-06-01T00:00:00Z'),
    });
  });

  it.each([403, 404])('makes do with the default workspace, and says so, when workspaces answer %i', async (status) => {
    simulator.fail(faults.status(status), { path: '/workspaces' });
    expect(await openRouter.listKeys(management.secret)).toMatchObject({ keys: [{ name: 'Blog' }], isComplete: false });
  });

  it('would rather fail than leave a page or a workspace out', async () => {
    for (let n = 0; n < 100; n++) account.key();
    simulator.fail(faults.serverError(), { path: '/keys', after: 1, times: 1 });
    await expect(openRouter.listKeys(management.secret)).rejects.toMatchObject({ name: 'OpenRouterUnavailable' });
    simulator.fail(faults.serverError(), { path: '/workspaces', times: 1 });
    await expect(openRouter.listKeys(management.secret)).rejects.toMatchObject({ name: 'OpenRouterUnavailable' });
  });

  it('ends even where the offset is ignored', async () => {
    const page = JSON.stringify({ data: Array.from({ length: 100 }, (_, n) => ({ hash: String(n), usage: 0 })) });
    simulator.fail(faults.answer(200, page), { path: '/keys' });
    const { keys, isComplete } = await openRouter.listKeys(management.secret);
    expect(keys).toHaveLength(100);
    expect(isComplete).toBe(false);
    expect(simulator.callsTo('/keys')).toHaveLength(2);
  });
});

describe('activity', () => {
  it('loses no row to a bad one', async () => {
    key.spend({ cost: '0.1', at: '2026-06-13T10:00:00Z' });
    key.spend({ cost: '0.2', at: '2026-06-14T10:00:00Z', model: 'google/gemini-2.5-flash' });
    const bad = [null, 7, {}, { date: '2026-02-30', model: 'a/b', usage: 1 }, { date: '2026-06-13', usage: 1 }];
    simulator.fail(
      faults.edit<{ data: { endpoint_id: null; requests: string }[] }>(({ data }) => ({
        data: [...bad, ...data.map((row) => ({ ...row, endpoint_id: null, requests: '5' })), { model: 'a/b' }],
      })),
      { path: '/activity' },
    );
    const rows = await openRouter.activity(management.secret, key.hash);
    expect(rows.map(({ cost, requests }) => [cost, requests])).toEqual([
      [200_000_000n, 5],
      [100_000_000n, 5],
    ]);
    expect(logs.join('')).toContain('"unreadable":6');
  });

  it('asks for one key and one day', async () => {
    await openRouter.activity(management.secret, key.hash, '2026-06-14');
    expect(simulator.callsTo('/activity')[0]?.query).toEqual({ api_key_hash: key.hash, date: '2026-06-14' });
  });

  it('takes a day that OpenRouter does not tell for unavailable, not for empty', async () => {
    await expect(openRouter.activity(management.secret, key.hash, '2026-06-15')).rejects.toMatchObject({
      name: 'OpenRouterUnavailable',
    });
  });
});

describe('the usage of a day', () => {
  const today = () => openRouter.usageOfDay(management.secret, key.hash, '2026-06-15');

  it('is complete even if every answer is cut short', async () => {
    simulator.behaviour.analyticsMaxRows = 2;
    for (const model of ['a/1', 'a/2', 'a/3', 'a/4', 'a/5']) key.spend({ model, cost: '0.1' });
    expect((await today()).map(({ model }) => model).toSorted()).toEqual(['a/1', 'a/2', 'a/3', 'a/4', 'a/5']);
    expect(simulator.callsTo('/analytics/query')).toHaveLength(3);
  });

  it('fails where it cannot be complete', async () => {
    key.spend();
    simulator.behaviour.analyticsMaxRows = 0;
    await expect(today()).rejects.toMatchObject({ name: 'OpenRouterUnavailable' });
  });

  it('leaves out the days around it, whichever way they are written', async () => {
    const rows = ['2026-06-14', '2026-06-15T00:00:00.000Z', '2026-06-16'].map((created_at__day, index) => ({
      created_at__day,
      model: 'a/b',
      request_count: String(index),
      credits_usage: null,
    }));
    simulator.fail(faults.answer(200, JSON.stringify({ data: { data: rows, metadata: { truncated: false } } })), {
      path: '/analytics/query',
    });
    expect(await today()).toMatchObject([{ date: '2026-06-15', requests: 1, cost: 0n, tokensCached: null }]);
  });

  it('has the figures even if the names of models are not to be had', async () => {
    key.spend({ cost: 1 });
    simulator.fail(faults.serverError(), { path: '/models' });
    expect(await today()).toMatchObject([{ model: 'openai/gpt-4.1-mini-2025-04-14', cost: 1_000_000_000n }]);
  });

  it('asks for the names of models once an hour', async () => {
    key.spend();
    await today();
    await today();
    expect(simulator.callsTo('/models')).toHaveLength(1);
    clock.advance(3600);
    await today();
    expect(simulator.callsTo('/models')).toHaveLength(2);
  });

  it('asks for them again soon after that failed, and once however many wait', async () => {
    key.spend();
    simulator.fail(faults.serverError(), { path: '/models', times: 1 });
    expect(await Promise.all([today(), today(), today()])).toMatchObject(
      Array.from({ length: 3 }, () => [{ model: 'openai/gpt-4.1-mini-2025-04-14' }]),
    );
    expect(simulator.callsTo('/models')).toHaveLength(1);
    clock.advance(60);
    expect(await today()).toMatchObject([{ model: 'openai/gpt-4.1-mini' }]);
    expect(simulator.callsTo('/models')).toHaveLength(2);
  });
});

describe('the usage by hour', () => {
  const named = () => account.keys.filter(({ isManagement }) => !isManagement);
  const since =
    (from: string) =>
    ({ hash, name }: SimulatedKey) => ({ hash, name, from });
  const hours = (from = '2026-06-15T00', through = '2026-06-15T12') =>
    openRouter.usageByHour(management.secret, named().map(since(from)), through);
  const questions = () => simulator.callsTo('/analytics/query');
  const costs = async () =>
    Object.fromEntries((await hours()).map(({ hash, usage }) => [hash, usage.map(({ hour, cost }) => [hour, cost])]));

  it('of many keys is one question, each row for its own key', async () => {
    const keys = Array.from({ length: 5 }, (_, index) => account.key({ name: `Key ${index}` }));
    for (const [index, one] of keys.entries()) one.spend({ at: `2026-06-15T0${index}:59:59.999Z`, cost: 1 });
    key.spend({ at: '2026-06-15T12:00:00Z', cost: '0.000000001', promptTokens: 7, completionTokens: 3 });
    const found = await costs();
    for (const [index, one] of keys.entries()) {
      expect(found[one.hash]).toEqual([[`2026-06-15T0${index}`, 1_000_000_000n]]);
    }
    expect(found[key.hash]).toEqual([['2026-06-15T12', 1n]]);
    expect(questions()).toHaveLength(1);
    expect(questions()[0]?.body).toMatchObject({
      granularity: 'hour',
      time_range: { start: '2026-06-15T00:00:00.000Z', end: '2026-06-15T13:00:00.000Z' },
    });
  });

  it('tells keys of one name apart, by asking about them one after the other', async () => {
    const twin = account.key({ name: 'Blog' });
    const stranger = account.key({ name: 'Blog', isUnlisted: true });
    key.spend({ cost: 1 });
    twin.spend({ cost: 2 });
    stranger.spend({ cost: 4 });
    const told = await openRouter.usageByHour(
      management.secret,
      [key, twin].map(since('2026-06-15T00')),
      '2026-06-15T12',
    );
    expect(told.map(({ hash, usage }) => [hash, usage.map(({ cost }) => cost)])).toEqual([
      [key.hash, [1_000_000_000n]],
      [twin.hash, [2_000_000_000n]],
    ]);
    expect(questions()).toHaveLength(2);
  });

  it('is told of each key since the hour that is wanted of it, and asked for since the first of a question', async () => {
    const twin = account.key({ name: 'Blog' });
    const shop = account.key({ name: 'Shop' });
    for (const one of [key, twin, shop]) {
      for (const hour of ['08', '10', '11']) one.spend({ at: `2026-06-15T${hour}:30:00Z`, cost: 1 });
    }
    const wanted = [since('2026-06-15T10')(twin), since('2026-06-15T08')(shop), since('2026-06-15T11')(key)];
    const told = await openRouter.usageByHour(management.secret, wanted, '2026-06-15T12');
    expect(told.map(({ hash, from, usage }) => [hash, from, usage.map(({ hour }) => hour.slice(-2))])).toEqual([
      [twin.hash, '2026-06-15T10', ['10', '11']],
      [shop.hash, '2026-06-15T08', ['08', '10', '11']],
      [key.hash, '2026-06-15T11', ['11']],
    ]);
    expect(questions().map(({ body }) => (body.time_range as { start: string }).start)).toEqual([
      '2026-06-15T08:00:00.000Z',
      '2026-06-15T11:00:00.000Z',
    ]);
  });

  describe.each([
    ['busy', faults.tooManyRequests()],
    ['broken', faults.serverError()],
    ['unwilling', faults.status(403)],
  ])('where OpenRouter is %s', (_, fault) => {
    it('after some questions, is what it told until then', async () => {
      const twins = [key, account.key({ name: 'Blog' }), account.key({ name: 'Blog' })];
      for (const one of twins) one.spend({ cost: 1 });
      simulator.fail(fault, { path: '/analytics/query', after: 2, times: 1 });
      expect((await hours()).map(({ hash }) => hash)).toEqual(twins.slice(0, 2).map(({ hash }) => hash));
      expect(questions()).toHaveLength(3);
    });

    it('in the middle of a key, is told up to there', async () => {
      simulator.behaviour.analyticsMaxRows = 3;
      for (let hour = 0; hour < 4; hour++) key.spend({ at: `2026-06-15T0${hour}:30:00Z`, cost: 1 });
      simulator.fail(fault, { path: '/analytics/query', after: 2 });
      const [begun] = await hours('2026-06-15T00', '2026-06-15T03');
      expect(begun).toMatchObject({ through: '2026-06-15T01' });
      expect(begun!.usage).toHaveLength(2);
    });

    it('before it told anything, is not known', async () => {
      simulator.fail(fault, { path: '/analytics/query' });
      await expect(hours()).rejects.toSatisfy(isFromOpenRouter);
      expect(questions()).toHaveLength(1);
    });
  });

  it('is asked for shorter times where an answer is cut short, and loses nothing', async () => {
    simulator.behaviour.analyticsMaxRows = 3;
    for (let hour = 0; hour < 12; hour++) {
      const at = `2026-06-15T${String(hour).padStart(2, '0')}:30:00Z`;
      for (const model of ['a/1', 'a/2'].slice(0, 1 + (hour % 2))) key.spend({ at, model, cost: 1 });
    }
    const [told] = await hours();
    expect(told).toMatchObject({ through: '2026-06-15T12' });
    expect(told!.usage).toHaveLength(18);
    expect(questions().length).toBeLessThanOrEqual(20);
  });

  it('ends where it would take too many questions, and says how far it has come', async () => {
    simulator.behaviour.analyticsMaxRows = 2;
    for (let hour = 0; hour < 48; hour++) {
      const at = new Date(Date.parse('2026-06-13T13:30:00Z') + hour * 3_600_000);
      for (const model of ['a/1', 'a/2']) key.spend({ at, model, cost: 1 });
    }
    const [told] = await hours('2026-06-13T13', '2026-06-15T12');
    expect(questions()).toHaveLength(20);
    expect(told!.through < '2026-06-15T12').toBe(true);
    expect(Math.max(...told!.usage.map(({ hour }) => Date.parse(`${hour}:00Z`)))).toBe(
      Date.parse(`${told!.through}:00Z`),
    );
  });

  it('says nothing of keys of which even the first hour is more than an answer holds', async () => {
    simulator.behaviour.analyticsMaxRows = 0;
    key.spend({ cost: 1 });
    expect(await hours('2026-06-15T12')).toEqual([]);
  });

  it.each([
    ['date__hour', '2026-06-15T10:00:00.000Z', '2026-06-15T10'],
    ['created_at__hour', '2026-06-15 10:00:00', '2026-06-15T10'],
    ['date__hour', '2026-06-15T10:00', '2026-06-15T10'],
    ['date__hour', '2026-06-15T12:00:00+02:00', '2026-06-15T10'],
    ['created_at__hour', '2026-06-15', '2026-06-15T00'],
  ])('is read from %s %s', async (name, text, hour) => {
    const row = { [name]: text, api_key_id: 'Blog', model: 'a/b', request_count: '12', credits_usage: 1e-9 };
    const data = { data: [row], metadata: { truncated: null } };
    simulator.fail(faults.answer(200, JSON.stringify({ data })), { path: '/analytics/query' });
    const usage = { hour, model: 'a/b', requests: 12, tokensInput: 0, tokensOutput: 0, cost: 1n };
    expect(await hours()).toMatchObject([{ hash: key.hash, usage: [usage] }]);
  });

  const good = { created_at__hour: '2026-06-15T10:00:00Z', api_key_id: 'Blog', model: 'a/b', credits_usage: 1 };
  const answersWith = (...rows: object[]) =>
    simulator.fail(faults.answer(200, JSON.stringify({ data: { data: rows } })), { path: '/analytics/query' });

  it('loses no row to one of another key or another time', async () => {
    const shop = account.key({ name: 'Shop' });
    const odd = [
      { ...good, api_key_id: 'renamed' },
      { ...good, created_at__hour: '2026-06-15T13:00:00Z' },
    ];
    answersWith(...odd, good, good);
    expect(await costs()).toEqual({ [key.hash]: [['2026-06-15T10', 2_000_000_000n]], [shop.hash]: [] });
  });

  describe.each([
    ['hour', { created_at__hour: 'soon' }],
    ['hour of a year', { created_at__hour: '2026-13-15T10:00:00Z' }],
    ['hour but a day', { created_at__hour: undefined, created_at__day: '2026-06-15' }],
    ['model', { model: null }],
    ['amount', { credits_usage: 'much' }],
  ])('with a row that names no %s', (_, oddity) => {
    const odd = { ...good, ...oddity };

    it('is not told of its key, whose part would pass for the whole, but of the others', async () => {
      const shop = account.key({ name: 'Shop' });
      answersWith(good, { ...good, api_key_id: 'Shop' }, odd);
      expect(await costs()).toEqual({ [shop.hash]: [['2026-06-15T10', 1_000_000_000n]] });
      expect(logs.join('')).toContain('"unreadable":1');
    });

    it.each(['renamed', null])('is told of nobody whose it may be (%s)', async (name) => {
      answersWith(good, { ...odd, api_key_id: name });
      expect(await costs()).toEqual({});
      account.key({ name: 'Shop' });
      expect(await costs()).toEqual({});
    });
  });
});

describe('the exchange', () => {
  it('tries once more when a connection breaks, and only then', async () => {
    simulator.fail(faults.reset(), { times: 1 });
    expect(await openRouter.describeKey(key.secret)).toMatchObject({ outcome: 'known' });
    expect(simulator.calls).toHaveLength(2);
    simulator.fail(faults.serverError(), { times: 1 });
    expect(await openRouter.describeKey(key.secret)).toMatchObject({ outcome: 'unreachable' });
    expect(simulator.calls).toHaveLength(3);
  });

  it('ends at the time limit, body included', async () => {
    for (const fault of [faults.hang(), faults.stall()]) {
      simulator.heal();
      const taken = await processTimeOf(async () => {
        expect(await failing(fault)).toMatchObject({ detail: 'OpenRouter did not answer within 0.4 seconds.' });
      });
      expect(taken).toBeLessThan(HASTY_MS + 300);
    }
  });

  it('does not follow a redirect', async () => {
    await using elsewhere = await startSimulator();
    expect(await failing(faults.redirect(`${elsewhere.url}/key`))).toMatchObject({ outcome: 'unclear' });
    expect(elsewhere.calls).toEqual([]);
  });

  it('goes on with others while one hangs', async () => {
    simulator.fail(faults.hang(), { key });
    const stop = new AbortController();
    let isOver = false;
    const hanging = openRouter.describeKey(key.secret, stop.signal).catch(() => (isOver = true));
    expect(await openRouter.describeKey(management.secret)).toMatchObject({ outcome: 'known' });
    expect(isOver).toBe(false);
    stop.abort();
    expect(await hanging).toBe(true);
  });

  it('stops waiting when the caller gives up', async () => {
    simulator.fail(faults.hang());
    const reason = new Error('the service stops');
    const stop = new AbortController();
    const waiting = openRouter.describeKey(key.secret, stop.signal);
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  it.each([400, 401, 402, 403, 404, 408, 429, 500])(
    'shows neither the secret nor OpenRouter’s words in answers, errors and logs (%i)',
    async (status) => {
      simulator.fail(faults.status(status, `${MARKER} ${management.secret}`));
      const answer = await openRouter.describeKey(management.secret);
      const error: unknown = await openRouter.listKeys(management.secret).catch((thrown: unknown) => thrown);
      const seen = `${JSON.stringify(answer)} ${String(error)} ${(error as Error).stack} ${logs.join('')}`;
      expect(seen).not.toContain(MARKER);
      expect(seen).not.toContain(management.secret);
    },
  );
});
