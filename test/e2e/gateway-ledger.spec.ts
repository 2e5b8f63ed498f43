import { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallLedger } from '../../src/gateway/proxy/call-ledger.port.js';
import type { QueuedCallLedger } from '../../src/gateway/request-logs/call-ledger.queue.js';
import { LateSettlement } from '../../src/gateway/request-logs/settling/late-settlement.js';
import { CleanUpLogs } from '../../src/gateway/request-logs/clean-up-logs.use-case.js';
import { ATTENDED_RUN } from '../../src/shared/task-run.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { GatewayAdmin } from '../support/gateway-admin.ts';
import { DIALECTS } from '../support/services.ts';

describe.each(DIALECTS)('the log of the gateway on %s', (dialect) => {
  let database: TestDatabase;
  let app: TestApp;
  let admin: GatewayAdmin;
  let simulator: Simulator;
  let clock: FixedClock;
  let secret: string;
  const start = () =>
    startApp({
      databaseUrl: database.url,
      clock,
      env: { UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8', LOG_RETENTION_DAYS: '7' },
    });
  beforeEach(async () => {
    clock = new FixedClock('2026-06-17T12:00:00Z');
    simulator = await startSimulator();
    database = await newDatabase(dialect);
    app = await start();
    admin = new GatewayAdmin(app);
    const id = await admin.addUpstream({ base_url: simulator.url, api_key: simulator.account().key().secret });
    secret = (await admin.issueKey([id])).key_value;
  });
  afterEach(async () => {
    await app[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await simulator.close();
  });

  const chat = (stream: boolean, signal?: AbortSignal) =>
    fetch(`${app.url}/proxy/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'openai/gpt-4.1-mini', messages: [{ role: 'user', content: 'hi' }], stream }),
      signal,
    });
  const chats = (count: number) => admin.logs(count, '&model=openai/gpt-4.1-mini');
  const totals = async () => {
    const answer = await fetch(`${app.url}/proxy/v1/usage`, { headers: { 'x-api-key': secret } });
    return ((await answer.json()) as { total: Record<string, number> }).total;
  };
  const settleDue = async () => {
    const settlement = app.nest.get(LateSettlement, { strict: false });
    await settlement.settleDue();
    await settlement.settleDue();
  };

  it('learns later what a stream has cost that the client left, and counts it once', async () => {
    simulator.completeWith({ chunkDelayMs: 30, text: 'another word '.repeat(2_000), cost: 0.5 });
    const control = new AbortController();
    const answer = await chat(true, control.signal);
    await answer.body!.getReader().read();
    control.abort();
    expect((await chats(1))[0]).toMatchObject({
      settlement: 'unknown',
      cost: null,
      generation_id: expect.stringMatching(/^gen-/) as string,
      error_message: 'client_closed',
    });
    expect(await totals()).toMatchObject({ requests: 1, cost: 0, unsettled_requests: 1 });
    // The provider does not know it at the first try.
    clock.advance(4);
    await settleDue();
    expect((await chats(1))[0]).toMatchObject({ settlement: 'unknown' });
    clock.advance(10);
    await settleDue();
    clock.advance(1_000);
    await settleDue();
    const [row] = await chats(1);
    expect(row).toMatchObject({ settlement: 'settled', prompt_tokens: expect.any(Number) as number });
    expect(row!.cost).toBeGreaterThan(0);
    expect(await totals()).toMatchObject({ requests: 1, cost: row!.cost, unsettled_requests: 0 });
    expect(simulator.callsTo('/generation')).toHaveLength(2);
  });

  it('loses no call when the service stops', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => chat(false)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await app.nest.close();
    app = await start();
    admin = new GatewayAdmin(app);
    expect(await chats(40)).toHaveLength(40);
    expect(await totals()).toMatchObject({ requests: 40, unsettled_requests: 0 });
  });

  it('#75 keeps what is exactly as old as LOG_RETENTION_DAYS says, and nothing older', async () => {
    await chat(false);
    clock.advance(1);
    await chat(false);
    await chats(2);
    clock.advance(7 * 86_400);
    const cleanUp = app.nest.get(CleanUpLogs, { strict: false });
    expect(await cleanUp.execute(ATTENDED_RUN)).toEqual({ removed: 1 });
    expect(await chats(1)).toHaveLength(1);
    // What the hours have counted stays.
    expect(await totals()).toMatchObject({ requests: 2 });
    expect((await admin.post('/jobs/log-cleanup/run', {})).status).toBe(200);
  });

  it('waits for a database that is away, and says so once', async () => {
    const em = app.nest.get(SqlEntityManager, { strict: false }).fork();
    await em.execute('alter table request_logs rename to request_logs_away');
    await chat(false);
    const complaints = () => app.logs.filter((line) => line.includes('The log cannot be stored'));
    await expect.poll(complaints).toHaveLength(1);
    const ledger = app.nest.get(CallLedger, { strict: false }) as QueuedCallLedger;
    for (let tries = 0; tries < 3; tries++) await ledger.flush();
    expect(complaints()).toHaveLength(1);
    await em.execute('alter table request_logs_away rename to request_logs');
    expect(await chats(1)).toHaveLength(1);
  });

  it('says how many calls are lost when the service stops while the database is away', async () => {
    await app.nest.get(SqlEntityManager, { strict: false }).fork().execute('drop table request_logs');
    await Promise.all([chat(false), chat(false)]);
    await app.nest.close();
    const alarms = app.logs.filter((line) => line.includes('request_log_lost'));
    expect(alarms.map((line) => JSON.parse(line) as object)).toMatchObject([{ level: 50, calls: 2 }]);
  });
});

describe('UPSTREAMS', () => {
  const upstream = (name: string, more: object = {}) => ({
    name,
    provider: 'OpenRouter',
    base_url: 'https://openrouter.ai/api/v1',
    api_key: 'sk-or-v1-secret-5678',
    ...more,
  });

  it('are taken in once, the first default wins, and the log says so', async () => {
    await using database = await newDatabase('sqlite');
    const listed = [
      upstream('a'),
      upstream('b', { is_default: true }),
      upstream('c', { is_default: true, timeout: 5 }),
    ];
    const env = { UPSTREAMS: JSON.stringify(listed) };
    {
      await using app = await startApp({ databaseUrl: database.url, env });
      const admin = new GatewayAdmin(app);
      const { items } = (await admin.get('/upstreams').expect(200)).body as { items: { is_default: boolean }[] };
      expect(items).toMatchObject([
        { name: 'a', provider: 'openrouter', is_default: false, api_key_masked: 'sk-***5678', timeout: 60 },
        { name: 'b', is_default: true },
        { name: 'c', is_default: false, timeout: 5 },
      ]);
      expect(app.logs.join()).toContain('names several defaults. The first one, \\"b\\", is it.');
      expect(app.logs.join()).not.toContain('secret-5678');
      for (const id of [1, 2, 3]) await admin.delete(`/upstreams/${id}`).expect(204);
    }
    await using again = await startApp({ databaseUrl: database.url, env });
    expect((await new GatewayAdmin(again).get('/upstreams')).body).toEqual({ items: [], total: 0 });
  });

  it('keep the service from starting when one of them cannot be used', async () => {
    const env = { UPSTREAMS: JSON.stringify([upstream('inside', { base_url: 'http://169.254.169.254/v1' })]) };
    await expect(startApp({ env })).rejects.toThrow(/^UPSTREAMS holds the upstream "inside" that cannot be used/);
  });
});
