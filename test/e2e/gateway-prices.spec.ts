import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PriceListKeeper } from '../../src/gateway/prices/price-list.keeper.js';
import { LateSettlement } from '../../src/gateway/request-logs/settling/late-settlement.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { faults } from '../simulator/faults.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { GatewayAdmin } from '../support/gateway-admin.ts';
import { json, RecordingUpstream } from '../support/recording-upstream.ts';
import { DIALECTS } from '../support/services.ts';

/** By the simulator's list: 0.4, 1.6 and, read from a cache, 0.1 USD for a million tokens; answers up to 32,768 tokens. */
const MODEL = 'openai/gpt-4.1-mini';
const USAGE = { prompt_tokens: 1_000, completion_tokens: 100, prompt_tokens_details: { cached_tokens: 600 } };
const ESTIMATE = (400 * 0.4 + 600 * 0.1 + 100 * 1.6) / 1e6;

describe.each(DIALECTS)('the list of prices on %s', (dialect) => {
  let database: TestDatabase;
  let simulator: Simulator;
  let upstream: RecordingUpstream;
  let clock: FixedClock;
  let app: TestApp;
  let admin: GatewayAdmin;
  const apps: TestApp[] = [];
  beforeEach(async () => {
    clock = new FixedClock('2026-06-17T12:00:00Z');
    simulator = await startSimulator({ now: () => clock.now() });
    upstream = await RecordingUpstream.start();
    upstream.answer = (res) => json(res, { id: 'gen-1', model: MODEL, choices: [], usage: USAGE });
    database = await newDatabase(dialect);
    app = await start();
    admin = new GatewayAdmin(app);
  });
  afterEach(async () => {
    for (const running of apps.splice(0)) await running[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
    await simulator.close();
  });

  async function start(): Promise<TestApp> {
    const env = { UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8', OPENROUTER_BASE_URL: simulator.url };
    const started = await startApp({ databaseUrl: database.url, clock, env });
    apps.push(started);
    return started;
  }
  const look = (instance = app) => instance.nest.get(PriceListKeeper, { strict: false }).look();
  const keyFor = async (provider: string, limits: object = {}, baseUrl = upstream.url) => {
    const id = await admin.addUpstream({ name: provider, provider, base_url: baseUrl });
    return (await admin.issueKey([id], { limits })).key_value;
  };
  const chat = (secret: string, body: object = {}, path = 'chat/completions') =>
    fetch(`${app.url}/proxy/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, ...body }),
    }).then((answer) => answer.text());
  const usageOf = async (secret: string) => {
    const answer = await fetch(`${app.url}/proxy/v1/usage`, { headers: { 'x-api-key': secret } });
    return (await answer.json()) as { total: Record<string, number>; budget: Record<string, number> };
  };
  const standing = async (secret: string, wanted: object) => {
    await expect.poll(async () => (await usageOf(secret)).budget).toMatchObject(wanted);
  };

  it('is asked for once an hour and shared by instances, and outlives restarts and an OpenRouter that is away', async () => {
    await look();
    expect(simulator.callsTo('/models')).toHaveLength(0);
    const secret = await keyFor('openai');
    await look();
    await look();
    const other = await start();
    await look(other);
    clock.advance(3_599);
    await look();
    expect(simulator.callsTo('/models')).toHaveLength(1);
    clock.advance(1);
    await look();
    await look(other);
    expect(simulator.callsTo('/models')).toHaveLength(2);

    simulator.fail(faults.serverError());
    clock.advance(7_200);
    await look();
    await look();
    const restarted = (app = await start());
    await look(restarted);
    await chat(secret);
    expect((await admin.logs(1))[0]).toMatchObject({ settlement: 'estimated', cost: ESTIMATE });
    const told = apps[0]!.logs.filter((line) => line.includes('The prices of models cannot be read'));
    expect(told).toHaveLength(1);
  });

  it('prices what the provider does not, cached tokens at their own price, and never what it cannot know', async () => {
    const secret = await keyFor('openai');
    await look();
    await chat(secret);
    upstream.answer = (res) => json(res, { model: 'somebody/else', choices: [], usage: USAGE });
    await chat(secret, { model: 'somebody/else' });
    upstream.answer = (res) => json(res, { model: MODEL, choices: [] });
    await chat(secret);
    upstream.answer = (res) => json(res, { model: MODEL, choices: [], usage: { ...USAGE, cost: 0.5 } });
    await chat(secret);
    const rows = (await admin.logs(4)).toReversed();
    expect(rows.map(({ settlement, cost }) => ({ settlement, cost }))).toEqual([
      { settlement: 'estimated', cost: ESTIMATE },
      { settlement: 'unknown', cost: null },
      { settlement: 'unknown', cost: null },
      { settlement: 'settled', cost: 0.5 },
    ]);
    expect((await usageOf(secret)).total).toMatchObject({ requests: 4, cost: 0.5 + ESTIMATE, unsettled_requests: 2 });
  });

  it('says how much of a budget a call holds, whatever bounds its answer', async () => {
    const secret = await keyFor('openai', { budget_usd: 100, budget_period: 'day' });
    await look();
    const cases: [body: object, outputTokens: number, path?: string][] = [
      [{ max_tokens: 1_000 }, 1_000],
      [{ max_completion_tokens: 2_000, n: 3 }, 6_000],
      [{ max_output_tokens: 3_000 }, 3_000, 'responses'],
      [{}, 32_768],
      [{ models: ['openai/gpt-4.1'] }, 32_768 * 5],
      [{}, 0, 'embeddings'],
    ];
    for (const [body, tokens, path] of cases) {
      const gate = Promise.withResolvers<void>();
      upstream.answer = (res) => void gate.promise.then(() => json(res, { usage: { ...USAGE, cost: 0 } }));
      const running = chat(secret, body, path);
      const { body: sent } = await upstream.next();
      const input = Math.ceil(sent.length / 2) * ('models' in body ? 5 : 1);
      await standing(secret, { reserved: Math.round(input * 400 + tokens * 1_600) / 1e9, spent: 0 });
      gate.resolve();
      await running;
    }
  });

  it('is corrected by what the provider says later, in the log, in the sums and in the budget', async () => {
    const { secret: credential } = simulator.account().key();
    simulator.completeWith({ promptTokens: 1_000, completionTokens: 100, cachedTokens: 600, cost: 0.75 });
    await admin.addUpstream({ name: 'unused', base_url: upstream.url });
    const id = await admin.addUpstream({ name: 'openrouter', base_url: simulator.url, api_key: credential });
    const limits = { budget_usd: 100, budget_period: 'day' };
    const secret = (await admin.issueKey([id], { limits })).key_value;
    await look();
    // OpenRouter names no cost in the events of /messages.
    await chat(secret, { stream: true, max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] }, 'messages');
    expect((await admin.logs(1))[0]).toMatchObject({ settlement: 'estimated', cost: ESTIMATE });
    await standing(secret, { spent: ESTIMATE, reserved: 0 });
    // A stream that is cut says nothing at all: what was held stays counted.
    simulator.completeWith({ chunkDelayMs: 30, text: 'one two three four five six seven eight nine ten' });
    const control = new AbortController();
    const cut = await fetch(`${app.url}/proxy/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, max_tokens: 10_000, stream: true, messages: [] }),
      signal: control.signal,
    });
    await cut.body!.getReader().read();
    control.abort();
    expect((await admin.logs(2, `&model=${MODEL}`))[0]).toMatchObject({ settlement: 'unknown', cost: null });
    await expect.poll(async () => (await usageOf(secret)).budget.reserved).toBe(0);
    expect((await usageOf(secret)).budget.spent).toBeGreaterThan(10_000 * 1.6e-6);

    const settlement = app.nest.get(LateSettlement, { strict: false });
    for (const seconds of [4, 10, 60, 600]) {
      clock.advance(seconds);
      await settlement.settleDue();
      await settlement.settleDue();
    }
    const rows = await admin.logs(2, `&model=${MODEL}`);
    expect(rows.map((row) => row.settlement)).toEqual(['settled', 'settled']);
    const cost = rows.reduce((sum, row) => sum + Math.round(Number(row.cost) * 1e9), 0) / 1e9;
    expect(rows[1]).toMatchObject({ cost: 0.75 });
    await standing(secret, { spent: cost, reserved: 0 });
    expect((await usageOf(secret)).total).toMatchObject({ requests: 2, cost, unsettled_requests: 0 });
  });
});
