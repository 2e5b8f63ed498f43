import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CuttableWay, cuttable } from '../support/cuttable.ts';
import { newDatabase, onPostgres, postgresUrl, type TestDatabase } from '../support/database.ts';
import { inhabit, onDatabase } from '../support/inhabitants.ts';
import { type RunningService, SERVICE_ENVIRONMENT, startService } from '../support/service.ts';
import { POSTGRES_URL, REDIS_URL } from '../support/services.ts';

const PASSWORD = 'a long enough password';
const OPERATOR = { Authorization: `Bearer ${SERVICE_ENVIRONMENT.ADMIN_TOKEN}` };

interface Person {
  email: string;
  jwt: string;
}

const KINDS = POSTGRES_URL ? ['PostgreSQL alone', ...(REDIS_URL ? ['PostgreSQL and Redis'] : [])] : [];

describe.skipIf(KINDS.length === 0).each(KINDS)('two instances on %s', (kind) => {
  let database: TestDatabase;
  let redis: CuttableWay | undefined;
  let services: RunningService[];
  beforeAll(async () => {
    database = await newDatabase('postgres');
    redis = kind.endsWith('Redis') ? await cuttable(REDIS_URL!) : undefined;
    const env = { DATABASE_URL: database.url, REDIS_URL: redis?.url ?? '', SYNC_CRON: 'off' };
    services = await Promise.all([startService(env), startService(env)]);
    const isCounting = ({ output }: RunningService) => /limits are counted in (Redis|it)/i.test(output());
    while (!services.every((service) => !redis || isCounting(service))) await pause(50);
  });
  afterAll(async () => {
    for (const service of services) await service[Symbol.asyncDispose]();
    redis?.cut();
    await database[Symbol.asyncDispose]();
  });

  const send = (index: number, method: string, path: string, body?: object, credential?: string) =>
    fetch(services[index % 2]!.url + path, {
      method,
      headers: {
        ...(credential && { Authorization: `Bearer ${credential}` }),
        ...(body && { 'Content-Type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  const read = async <T>(answer: Promise<Response>): Promise<T> => (await (await answer).json()) as T;
  const ready = (index: number) =>
    read<{ checks: { redis: { status: string } }; status: string }>(send(index, 'GET', '/ready'));
  const redisAt = async (index: number) => (await ready(index)).checks.redis.status;

  async function logIn(index: number, email: string): Promise<Person> {
    const { access_token: jwt } = await read<{ access_token: string }>(
      send(index, 'POST', '/api/auth/login', { email, password: PASSWORD }),
    );
    return { email, jwt };
  }

  async function newPerson(): Promise<Person> {
    const email = `${randomUUID()}@example.org`;
    expect((await send(0, 'POST', '/api/auth/register', { email, password: PASSWORD })).status).toBe(201);
    return logIn(1, email);
  }

  const newToken = ({ jwt }: Person) =>
    read<{ id: number; token: string }>(send(0, 'POST', '/api/tokens', { name: 'grafana' }, jwt));

  /** How many of that many calls side by side, in turn to both, got which answer. */
  async function tally(calls: number, call: (index: number) => Promise<Response>): Promise<Record<string, number>> {
    const answers = await Promise.all(Array.from({ length: calls }, (_, index) => call(index)));
    const counted: Record<string, number> = {};
    for (const { status } of answers) counted[status] = (counted[status] ?? 0) + 1;
    return counted;
  }

  it('#59 let a token in exactly 100 times together', async () => {
    const { token } = await newToken(await newPerson());
    const call = (index: number) => send(index, 'GET', '/api/v1/keys', undefined, token);
    expect(await tally(300, call)).toEqual({ 200: 100, 429: 200 });
    const refused = await send(1, 'GET', '/api/v1/stats', undefined, token);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(3000);
  });

  it('#6 look at five passwords of an account together', async () => {
    const { email } = await newPerson();
    const guess = (index: number) => send(index, 'POST', '/api/auth/login', { email, password: `wrong ${index}` });
    expect(await tally(20, guess)).toEqual({ 401: 5, 429: 15 });
    const right = { email, password: PASSWORD };
    for (const index of [0, 1]) expect((await send(index, 'POST', '/api/auth/login', right)).status).toBe(429);
  });

  it('#13 #23 know of a log-out, a new password, a revoked token and a deleted account at once', async () => {
    const ada = await newPerson();
    const [left, other, laptop] = [await logIn(0, ada.email), await logIn(1, ada.email), await logIn(0, ada.email)];
    const me = async (index: number, { jwt }: Person) =>
      (await send(index, 'GET', '/api/auth/me', undefined, jwt)).status;
    for (const person of [left, other, laptop]) expect(await me(1, person)).toBe(200);

    expect((await send(0, 'POST', '/api/auth/logout', undefined, left.jwt)).status).toBe(204);
    expect([await me(1, left), await me(1, other)]).toEqual([401, 200]);

    const change = { current_password: PASSWORD, new_password: `${PASSWORD}!` };
    expect((await send(1, 'PUT', '/api/auth/password', change, other.jwt)).status).toBe(204);
    expect([await me(0, laptop), await me(0, other)]).toEqual([401, 200]);

    const { id, token } = await newToken(other);
    const { token: second } = await newToken(other);
    const call = async (text: string) => (await send(1, 'GET', '/api/v1/keys', undefined, text)).status;
    expect([await call(token), await call(second)]).toEqual([200, 200]);
    expect((await send(0, 'DELETE', `/api/tokens/${id}`, undefined, other.jwt)).status).toBe(204);
    expect([await call(token), await call(second)]).toEqual([401, 200]);

    expect((await send(0, 'DELETE', '/api/auth/me', { password: `${PASSWORD}!` }, other.jwt)).status).toBe(204);
    expect([await call(second), await me(1, other)]).toEqual([401, 401]);
  });

  it('#23 #58 soon know of each other’s upstreams and client keys', async () => {
    const admin = (index: number, method: string, path: string, body?: object) =>
      send(index, method, path, body, SERVICE_ENVIRONMENT.ADMIN_TOKEN);
    const upstream = { name: 'one', provider: 'openai', base_url: 'https://api.example.org/v1', api_key: 'sk-x' };
    const { id } = await read<{ id: number }>(admin(0, 'POST', '/admin/upstreams', upstream));
    const key = await read<{ id: number; key_value: string }>(
      admin(0, 'POST', '/admin/keys', { name: 'app', upstream_ids: [id] }),
    );
    const seen = async () => {
      const answer = await send(1, 'GET', '/proxy/v1/upstreams', undefined, key.key_value);
      const { upstreams } = (await answer.json()) as { upstreams?: { name: string }[] };
      return upstreams?.map(({ name }) => name) ?? answer.status;
    };
    expect(await seen()).toEqual(['one']);
    await admin(0, 'PUT', `/admin/upstreams/${id}`, { name: 'two' });
    await expect.poll(seen).toEqual(['two']);
    expect((await admin(0, 'DELETE', `/admin/keys/${key.id}`)).status).toBe(204);
    await expect.poll(seen).toBe(401);
  });

  it('survive that PostgreSQL hangs up on them', async () => {
    const { jwt } = await newPerson();
    const name = new URL(database.url).pathname.slice(1);
    await onPostgres(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
    for (const index of [0, 1]) {
      await expect.poll(async () => (await ready(index)).status).toBe('up');
      expect((await send(index, 'GET', '/api/auth/me', undefined, jwt)).status).toBe(200);
    }
  });

  it.runIf(kind.endsWith('Redis'))(
    'neither open a door nor give an allowance twice when Redis goes and comes',
    async () => {
      const ada = await newPerson();
      const [{ token }, { token: fresh }] = [await newToken(ada), await newToken(ada)];
      const call = (text: string) => (index: number) => send(index, 'GET', '/api/v1/keys', undefined, text);
      expect(await tally(60, call(token))).toEqual({ 200: 60 });
      const wrong = (index: number) =>
        send(index, 'POST', '/api/auth/login', { email: ada.email, password: `wrong ${index}` });
      expect(await tally(3, wrong)).toEqual({ 401: 3 });

      redis!.cut();
      expect(await tally(100, call(token))).toEqual({ 200: 40, 429: 60 });
      expect(await tally(10, wrong)).toEqual({ 401: 2, 429: 8 });
      expect(await tally(50, call(fresh))).toEqual({ 200: 50 });
      expect((await send(0, 'GET', '/api/v1/keys', undefined, 'or_api_none')).status).toBe(401);
      for (const index of [0, 1]) {
        await expect.poll(() => ready(index)).toMatchObject({ status: 'up', checks: { redis: { status: 'down' } } });
        expect(services[index]!.output()).toContain('Redis is away');
      }

      await redis!.mend();
      for (const index of [0, 1]) await expect.poll(() => redisAt(index)).toBe('up');
      expect(await tally(20, call(token))).toEqual({ 429: 20 });
      expect(await tally(20, call(fresh))).toEqual({ 200: 20 });
      for (const index of [0, 1]) await expect.poll(() => services[index]!.output()).toContain('Redis is back');
      // Hits of the moment in which it came back may count twice, but never not at all.
      const { 200: rest } = await tally(60, call(fresh));
      expect(rest).toBeGreaterThan(0);
      expect(rest).toBeLessThanOrEqual(30);
      expect(await tally(4, wrong)).toEqual({ 429: 4 });
    },
  );
});

describe.skipIf(!POSTGRES_URL)('instances on PostgreSQL', () => {
  it('that start together on an empty database wait for the one that makes the tables', async () => {
    const name = `monitor_empty_${randomUUID().replaceAll('-', '')}`;
    await onPostgres(`create database ${name}`);
    try {
      const env = { DATABASE_URL: postgresUrl(name) };
      const services = await Promise.all([startService(env), startService(env), startService(env)]);
      for (const { url } of services) await expect.poll(async () => (await fetch(`${url}/ready`)).status).toBe(200);
      for (const service of services) await service[Symbol.asyncDispose]();
    } finally {
      await onPostgres(`drop database if exists ${name} with (force)`);
    }
  });

  it('#70 do not let one write any more that was frozen past its lease', async () => {
    await using database = await newDatabase('postgres');
    await inhabit(database.url, Buffer.from(SERVICE_ENVIRONMENT.ENCRYPTION_KEY, 'base64url'), 1);
    const asked: (() => void)[] = [];
    const key = { label: 'sk-or-v1-abc...xyz', usage: 5, usage_daily: 5, usage_weekly: 5, usage_monthly: 5 };
    const openRouter = createServer((_request, response) => {
      const body = JSON.stringify({ data: { ...key, limit: null, limit_remaining: null, is_free_tier: false } });
      asked.push(() => response.writeHead(200, { 'Content-Type': 'application/json' }).end(body));
    }).listen(0, '127.0.0.1');
    await once(openRouter, 'listening');
    const { port } = openRouter.address() as AddressInfo;
    const env = { DATABASE_URL: database.url, OPENROUTER_BASE_URL: `http://127.0.0.1:${port}/api/v1` };
    const execute = (sql: string) =>
      onDatabase(database.url, (orm) => (orm.em.fork() as SqlEntityManager).execute<Record<string, unknown>[]>(sql));
    const [frozen, healthy] = await Promise.all([startService(env), startService(env)]);
    try {
      const sync = ({ url }: RunningService) =>
        fetch(`${url}/admin/jobs/usage-sync/run`, { method: 'POST', headers: OPERATOR }).then(
          (answer) => answer.json() as Promise<{ outcome: string }>,
        );
      const first = sync(frozen);
      await expect.poll(() => asked.length).toBe(1);
      frozen.process.kill('SIGSTOP');
      await execute("update job_leases set expires_at = '2026-01-01' where name = 'usage-sync'");
      const second = sync(healthy);
      await expect.poll(() => asked.length).toBeGreaterThan(1);
      const answering = setInterval(() => asked.splice(1).forEach((answer) => answer()), 50);
      expect(await second).toMatchObject({ outcome: 'succeeded' });
      const before = await execute('select * from usage_days order by id');
      frozen.process.kill('SIGCONT');
      asked[0]!();
      expect(await first).toMatchObject({ outcome: 'abandoned' });
      clearInterval(answering);
      expect(await execute('select * from usage_days order by id')).toEqual(before);
      expect(await execute('select outcome from job_runs order by id')).toEqual([
        { outcome: 'abandoned' },
        { outcome: 'succeeded' },
      ]);
    } finally {
      frozen.process.kill('SIGCONT');
      await frozen[Symbol.asyncDispose]();
      await healthy[Symbol.asyncDispose]();
      openRouter.close();
      openRouter.closeAllConnections();
    }
  });
});
