import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { onPostgres, postgresUrl } from '../support/database.ts';
import { contentOf } from '../support/inhabitants.ts';
import { Pooler } from '../support/pooler.ts';
import { SERVICE_ENVIRONMENT, startService } from '../support/service.ts';
import { PGBOUNCER, POSTGRES_URL } from '../support/services.ts';
import { SteadyTraffic } from '../support/steady-traffic.ts';

it.skipIf(!PGBOUNCER || !POSTGRES_URL)(
  '#69 three instances behind PgBouncer start together, and lose and double nothing when it or PostgreSQL hangs up',
  async () => {
    const name = `monitor_pooled_${randomUUID().replaceAll('-', '')}`;
    await onPostgres(`create database ${name}`);
    const pooler = await Pooler.start();
    const env = { DATABASE_URL: pooler.urlOf(postgresUrl(name)) };
    const services = await Promise.all([startService(env), startService(env), startService(env)]);
    try {
      const headers = {
        Authorization: `Bearer ${SERVICE_ENVIRONMENT.ADMIN_TOKEN}`,
        'Content-Type': 'application/json',
      };
      const post = (path: string, body: object, turn = 0) =>
        fetch(services[turn % 3]!.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      const readiness = () => Promise.all(services.map(async ({ url }) => (await fetch(`${url}/ready`)).status));
      await expect.poll(readiness).toEqual([200, 200, 200]);
      const upstream = { name: 'main', provider: 'openai', base_url: 'https://api.example.org/v1', api_key: 'sk-x' };
      const { id } = (await (await post('/admin/upstreams', upstream)).json()) as { id: number };
      const acknowledged: string[] = [];
      let turn = 0;
      const issue = async () => {
        const own = `key ${turn++}`;
        const answer = await post('/admin/keys', { name: own, upstream_ids: [id] }, turn);
        if (answer.status === 201) acknowledged.push(own);
        return answer;
      };
      const goOn = async () => {
        const before = acknowledged.length;
        await expect.poll(() => acknowledged.length).toBeGreaterThan(before + 20);
      };
      {
        await using traffic = new SteadyTraffic({ one: issue, other: issue, third: issue });
        await goOn();
        expect(traffic.failures).toEqual({});
        await onPostgres(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
        await goOn();
        await pooler.kill();
        await expect.poll(readiness).toEqual([503, 503, 503]);
        await pooler.begin();
        await expect.poll(readiness).toEqual([200, 200, 200]);
        await goOn();
        // Who is not served is told so.
        expect(Object.keys(traffic.failures).filter((answer) => !answer.endsWith(' 503'))).toEqual([]);
      }
      const { client_keys: keys } = await contentOf(postgresUrl(name));
      const names = (keys as { name: string }[]).map((key) => key.name);
      expect(names).toEqual(expect.arrayContaining(acknowledged));
      expect(new Set(names).size).toBe(names.length);
    } finally {
      for (const service of services) await service[Symbol.asyncDispose]();
      await pooler[Symbol.asyncDispose]();
      await onPostgres(`drop database if exists ${name} with (force)`);
    }
  },
);
