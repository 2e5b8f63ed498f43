import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CuttableWay, cuttable } from '../support/cuttable.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { json, RecordingUpstream } from '../support/recording-upstream.ts';
import { type RunningService, SERVICE_ENVIRONMENT, startService } from '../support/service.ts';
import { POSTGRES_URL, REDIS_URL } from '../support/services.ts';

const KINDS = POSTGRES_URL ? ['PostgreSQL alone', ...(REDIS_URL ? ['PostgreSQL and Redis'] : [])] : [];
const MOST = 5;
/** A minute of limits begins with its first call: what takes less than this from there is all in it. */
const MINUTE_MS = 60_000;

describe.skipIf(KINDS.length === 0).each(KINDS)('client keys of three instances on %s', (kind) => {
  const hasRedis = kind.endsWith('Redis');
  let database: TestDatabase;
  let redis: CuttableWay | undefined;
  let services: RunningService[];
  let upstream: RecordingUpstream;
  let upstreamId: number;
  /** Calls that the upstream has not answered yet. */
  let open: Set<ServerResponse>;
  beforeAll(async () => {
    database = await newDatabase('postgres');
    redis = hasRedis ? await cuttable(REDIS_URL!) : undefined;
    upstream = await RecordingUpstream.start();
    services = await Promise.all([start(), start(), start()]);
    ({ id: upstreamId } = await admin('/admin/upstreams', {
      name: 'main',
      provider: 'openrouter',
      base_url: upstream.url,
      api_key: 'sk-upstream-secret-1234',
    }));
  });
  beforeEach(() => {
    open = new Set();
    upstream.answer = (res, { method }) => {
      // What a call has cost is asked for later.
      if (method === 'GET') json(res, {}, 404);
      else open.add(res.on('close', () => open.delete(res)));
    };
  });
  afterAll(async () => {
    for (const service of services) await service[Symbol.asyncDispose]();
    redis?.cut();
    await upstream[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  async function start(): Promise<RunningService> {
    const env = { DATABASE_URL: database.url, REDIS_URL: redis?.url ?? '', UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8' };
    const service = await startService(env);
    const isCounting = () => !hasRedis || /limits are counted in (Redis|it)/i.test(service.output());
    while (!isCounting()) await pause(50);
    return service;
  }

  async function admin<T>(path: string, body: object): Promise<T & { id: number }> {
    const headers = { Authorization: `Bearer ${SERVICE_ENVIRONMENT.ADMIN_TOKEN}`, 'Content-Type': 'application/json' };
    const answer = await fetch(services[0]!.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(201);
    return (await answer.json()) as T & { id: number };
  }

  async function keyWith(limits: object): Promise<string> {
    const body = { name: 'a team', upstream_ids: [upstreamId], limits };
    return (await admin<{ key_value: string }>('/admin/keys', body)).key_value;
  }

  /** Resolves with 0 when the instance dies meanwhile. */
  const call = (secret: string, index: number) =>
    fetch(`${services[index % services.length]!.url}/proxy/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-api-key': secret },
      body: '{"model":"openai/gpt-5"}',
    }).then(
      async (answer) => (await answer.arrayBuffer(), answer.status),
      () => 0,
    );
  /** Begins calls in turn at all instances, none of which ends as long as the upstream is silent; tells how many came through. */
  async function begin(secret: string, calls: number): Promise<number> {
    const before = open.size;
    let refused = 0;
    for (let index = 0; index < calls; index++) {
      void call(secret, index).then((status) => void (refused += status === 429 ? 1 : 0));
    }
    await expect.poll(() => open.size - before + refused).toBe(calls);
    return open.size - before;
  }
  /** Does the steps with a key of its own, and again with another one if the machine was too busy to do them in a minute. */
  async function withinAMinute<T>(limits: object, steps: (secret: string) => Promise<T>): Promise<T> {
    for (;;) {
      const secret = await keyWith(limits);
      const begunAt = Date.now();
      const result = await steps(secret);
      if (Date.now() - begunAt < MINUTE_MS) return result;
    }
  }
  function endAll(): void {
    for (const res of open) json(res, { id: 'gen-1', choices: [] });
    open.clear();
  }

  it('never have more calls under way than one key may, together', async () => {
    const secret = await keyWith({ max_parallel: MOST });
    expect(await begin(secret, 40)).toBe(MOST);
    endAll();
    // A place is given back in the background.
    for (let taken = 0; taken < MOST;) taken += await begin(secret, 1);
    expect(await begin(secret, 40)).toBe(0);
    endAll();
  });

  it('add up the requests and the tokens of a minute', async () => {
    upstream.answer = (res) => json(res, { id: 'gen-1', choices: [], usage: { total_tokens: 15 } });
    const answers = await withinAMinute({ rpm: 30 }, (rpm) =>
      Promise.all(Array.from({ length: 90 }, (_, index) => call(rpm, index))),
    );
    expect(answers.filter((status) => status === 200)).toHaveLength(30);
    expect(answers.filter((status) => status === 429)).toHaveLength(60);
    const calls = await withinAMinute({ tpm: 300 }, async (tpm) => {
      let made = 0;
      while ((await call(tpm, made)) === 200) made++;
      return made;
    });
    // The tokens of a call are counted when it is over, in the background: the next ones may be faster.
    expect(calls).toBeGreaterThanOrEqual(20);
    expect(calls).toBeLessThanOrEqual(23);
  });

  it('#70 free the places of an instance that is killed, and none of those that live', async () => {
    const secret = await keyWith({ max_parallel: 6 });
    const held: Promise<number>[] = [];
    for (let index = 0; index < 6; index++) held.push(call(secret, index));
    await expect.poll(() => open.size).toBe(6);
    services[2]!.process.kill('SIGKILL');
    await once(services[2]!.process, 'exit');
    expect([await held[2], await held[5]]).toEqual([0, 0]);
    await expect.poll(() => open.size).toBe(4);
    services[2] = await start();
    await expect.poll(async () => (await begin(secret, 3), open.size)).toBe(6);
    // By now the others have had their calls for longer than a dead instance's count.
    expect(await begin(secret, 9)).toBe(0);
    endAll();
    expect(await Promise.all([held[0], held[1], held[3], held[4]])).toEqual([200, 200, 200, 200]);
  });

  it.runIf(hasRedis)('hold one key to its limits while Redis goes and comes', async () => {
    const secret = await keyWith({ max_parallel: MOST });
    expect(await begin(secret, 9)).toBe(MOST);
    const holding = upstream.answer;
    const atOnce = async (rpm: string, calls: number) => {
      upstream.answer = (res) => json(res, { id: 'gen-1', choices: [] });
      const statuses = await Promise.all(Array.from({ length: calls }, (_, index) => call(rpm, index)));
      upstream.answer = holding;
      return statuses.filter((status) => status === 200).length;
    };
    let cuts = 0;
    const backAt = async ({ output }: RunningService) => {
      await expect.poll(() => output().split('Redis is back').length - 1).toBeGreaterThanOrEqual(cuts);
    };
    const letIn = await withinAMinute({ rpm: 20 }, async (rpm) => {
      await redis!.mend();
      for (const service of services) await backAt(service);
      const before = await atOnce(rpm, 12);
      redis!.cut();
      cuts++;
      return [before, await atOnce(rpm, 12)];
    });
    expect(letIn).toEqual([12, 8]);
    expect(await begin(secret, 9)).toBe(0);
    const [first] = open;
    open.delete(first!);
    json(first!, { id: 'gen-1', choices: [] });
    await expect.poll(() => begin(secret, 1)).toBe(1);
    expect(await begin(secret, 9)).toBe(0);

    await redis!.mend();
    for (const service of services) {
      await backAt(service);
      expect(await begin(secret, 3)).toBe(0);
    }
    expect(open.size).toBe(MOST);
    endAll();
    await expect.poll(() => begin(secret, 1)).toBe(1);
    endAll();
  });
});
