import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { onDatabase } from '../support/inhabitants.ts';
import { RecordingUpstream } from '../support/recording-upstream.ts';
import { type RunningService, SERVICE_ENVIRONMENT, startService } from '../support/service.ts';
import { DIALECTS } from '../support/services.ts';

const SOON = { timeout: 30_000 };
const STREAMS = 5;
const USAGE = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12, cost: 0.001 };

describe.each(DIALECTS)('a gateway with streams under way on %s', (dialect) => {
  let database: TestDatabase;
  let upstream: RecordingUpstream;
  let running: ServerResponse[];
  beforeEach(async () => {
    database = await newDatabase(dialect);
    upstream = await RecordingUpstream.start();
    running = [];
    upstream.answer = (res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"id":"gen-1"}\n\n');
      running.push(res);
    };
  });
  afterEach(async () => {
    await upstream[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const start = () => startService({ DATABASE_URL: database.url, UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8' });
  const execute = (sql: string) =>
    onDatabase(database.url, (orm) => (orm.em.fork() as SqlEntityManager).execute<Record<string, unknown>[]>(sql));
  async function admin(service: RunningService, what: string, body: object): Promise<Record<string, unknown>> {
    const answer = await fetch(`${service.url}/admin/${what}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SERVICE_ENVIRONMENT.ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Record<string, unknown>;
  }
  /** As many streams, each of them begun. Returns what becomes of them. */
  async function beginStreams(service: RunningService): Promise<Promise<string>[]> {
    const credential = { name: 'main', provider: 'openai', base_url: upstream.url, api_key: 'sk-upstream-1234' };
    const { id } = await admin(service, 'upstreams', credential);
    const limits = { budget_usd: 10, budget_period: 'month' };
    const { key_value: key } = await admin(service, 'keys', { name: 'team', upstream_ids: [id], limits });
    const stream = async () => {
      const answer = await fetch(`${service.url}/proxy/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key as string}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'openai/gpt-5', stream: true, max_tokens: 10 }),
      });
      return answer.text();
    };
    const streams = Array.from({ length: STREAMS }, () => stream().catch(() => 'broken off'));
    await expect.poll(() => running.length, SOON).toBe(STREAMS);
    return streams;
  }

  it('#77 ends them whole when it is told to stop, loses no row of the log, and exits with 0', async () => {
    await using service = await start();
    const streams = await beginStreams(service);
    service.process.kill('SIGTERM');
    // Nobody new is let in once it stops.
    await expect
      .poll(
        () =>
          fetch(`${service.url}/health`).then(
            () => 'open',
            () => 'closed',
          ),
        SOON,
      )
      .toBe('closed');
    const exit = once(service.process, 'exit');
    for (const res of running) res.end(`data: {"usage":${JSON.stringify(USAGE)}}\n\ndata: [DONE]\n\n`);
    const texts = await Promise.all(streams);
    expect(texts.filter((text) => text.endsWith('data: [DONE]\n\n'))).toHaveLength(STREAMS);
    expect(await exit).toEqual([0, null]);
    expect(service.output()).not.toMatch(/"level":(50|60)/);
    const rows = await execute('select status_code, settlement, error_message from request_logs');
    const settled = { status_code: 200, settlement: 'settled', error_message: null };
    expect(rows).toEqual(Array.from({ length: STREAMS }, () => settled));
    expect(await execute('select id from gateway_reservations')).toEqual([]);
    expect(await execute('select instance_id from gateway_open_calls')).toEqual([]);
  });

  it('and is killed is told of by the next one, which counts what no log tells of', async () => {
    const first = await start();
    const streams = await beginStreams(first);
    const open = () => execute('select calls from gateway_open_calls');
    await expect.poll(open, SOON).toEqual([{ calls: STREAMS }]);
    first.process.kill('SIGKILL');
    expect(await Promise.all(streams)).toEqual(Array(STREAMS).fill('broken off'));
    // As if a while had passed: what an instance holds is its own as long as it may live.
    const past = dialect === 'sqlite' ? '0' : "'2026-01-01'";
    await execute(`update gateway_open_calls set seen_at = ${past}`);
    await execute(`update gateway_reservations set expires_at = ${past}`);

    await using second = await start();
    const metrics = await (await fetch(`${second.url}/metrics`)).text();
    expect(metrics).toContain(`gateway_calls_lost_total ${STREAMS}\n`);
    expect(metrics).toContain(`gateway_reservations_expired_total ${STREAMS}\n`);
    expect(second.output()).toMatch(/"alarm":"request_log_lost"/);
    expect(second.output()).toMatch(/"alarm":"reservations_expired"/);
    const budgets = await execute('select cast(reserved_nanos as text) as reserved from gateway_budgets');
    expect(budgets).toEqual([{ reserved: '0' }]);
  });
});
