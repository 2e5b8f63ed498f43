import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AesCipher } from '../../src/shared/secrets/cipher.aes.js';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { startApp } from '../support/app.ts';
import { runCli, spawnCli } from '../support/cli.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { inhabit, onDatabase } from '../support/inhabitants.ts';
import { GatewayAdmin } from '../support/gateway-admin.ts';
import { header, RecordingUpstream } from '../support/recording-upstream.ts';
import { newPerson } from '../support/people.ts';
import { SERVICE_ENVIRONMENT, startService } from '../support/service.ts';
import { DIALECTS } from '../support/services.ts';
import { SteadyTraffic } from '../support/steady-traffic.ts';

const OLD_KEY = Buffer.from(SERVICE_ENVIRONMENT.ENCRYPTION_KEY, 'base64url');
const NEW_KEY = randomBytes(32);

describe.each(DIALECTS)('a change of the encryption key on %s', (dialect) => {
  let database: TestDatabase;
  let rotated: Record<string, string>;
  beforeEach(async () => {
    database = await newDatabase(dialect);
    rotated = {
      DATABASE_URL: database.url,
      ENCRYPTION_KEY: NEW_KEY.toString('base64url'),
      ENCRYPTION_KEYS_PREVIOUS: SERVICE_ENVIRONMENT.ENCRYPTION_KEY,
    };
    await (await startApp({ databaseUrl: database.url }))[Symbol.asyncDispose]();
  });
  afterEach(() => database[Symbol.asyncDispose]());

  const execute = (sql: string) =>
    onDatabase(database.url, async (orm) =>
      (orm.em.fork() as SqlEntityManager).execute<{ id: number; sealed: string }[]>(sql),
    );
  const secrets = () => execute('select id, sealed_secret as sealed from api_keys order by id');
  const keyIds = async () => {
    const counts: Record<string, number> = {};
    for (const { sealed } of await secrets()) {
      const id = new AesCipher(OLD_KEY).keyIdOf(sealed);
      counts[id] = (counts[id] ?? 0) + 1;
    }
    return counts;
  };
  /** From now on whoever changes this key gets no further; returns how to end that. */
  async function stopAt(id: number): Promise<() => Promise<unknown>> {
    if (dialect === 'sqlite') {
      const endless = 'with recursive n(i) as (values (0) union all select i + 1 from n) select count(*) from n';
      await execute(`create trigger stop before update on api_keys when new.id = ${id} begin select (${endless}); end`);
      return () => execute('drop trigger stop');
    }
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from api_keys where id = $1 for update', [id]);
    return () => holder.end();
  }
  const ids = { old: new AesCipher(OLD_KEY).keyId, new: new AesCipher(NEW_KEY).keyId };

  it('seals every secret anew, also when it is killed half-way and started again beside the service', async () => {
    await inhabit(database.url, OLD_KEY, 300);
    await using service = await startApp({ databaseUrl: database.url, env: rotated });
    const goOn = await stopAt(180);
    let child: ChildProcess | undefined;
    const killed = spawnCli(['keys:rotate-encryption'], rotated, (started) => (child = started));
    // What it has sealed is stored in batches.
    const half = { [ids.new]: 150, [ids.old]: 150 };
    await expect.poll(keyIds).toEqual(half);
    child!.kill('SIGKILL');
    expect(await killed).toMatchObject({ code: null });
    await goOn();
    expect(await keyIds()).toEqual(half);

    const resumed = await runCli(['keys:rotate-encryption'], rotated);
    expect(resumed).toMatchObject({ code: 0, stderr: '' });
    expect(resumed.stdout).toContain(`150 secrets were sealed with the key ${ids.new}`);
    expect(await keyIds()).toEqual({ [ids.new]: 300 });
    await expect.poll(async () => (await fetch(`${service.url}/ready`)).status).toBe(200);

    const cipher = new AesCipher(NEW_KEY);
    for (const { id, sealed } of await secrets()) {
      expect(cipher.open(sealed, { table: 'api_keys', id, column: 'sealed_secret' })).toBe(`sk-or-v1-${id}`);
    }
    const check = await execute('select id, sealed from encryption_check');
    expect(check.map(({ sealed }) => cipher.keyIdOf(sealed))).toEqual([ids.new]);
    const again = await runCli(['keys:rotate-encryption'], { ...rotated, ENCRYPTION_KEYS_PREVIOUS: '' });
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^0 secrets/) as string });
  });

  it('goes on past a secret that cannot be opened, names its row and fails', async () => {
    await inhabit(database.url, OLD_KEY, 3);
    // A secret sealed for one row opens in no other.
    await execute('update api_keys set sealed_secret = (select sealed_secret from api_keys where id = 1) where id = 2');
    const { code, stdout, stderr } = await runCli(['keys:rotate-encryption'], rotated);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^2 secrets were sealed [^\n]+ 1 cannot be opened [^\n]+: api_keys row 2\.[^\n]+\n$/);
    expect(stderr).not.toMatch(/v1\.|sk-or/);
    expect(await keyIds()).toEqual({ [ids.new]: 2, [ids.old]: 1 });
  });

  it('#32 seals the keys of upstreams anew, and the gateway goes on with them under the new key alone', async () => {
    await using upstream = await RecordingUpstream.start();
    const env = { UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8' };
    let secret: string;
    {
      await using app = await startApp({ databaseUrl: database.url, env });
      const admin = new GatewayAdmin(app);
      const id = await admin.addUpstream({ base_url: upstream.url, api_key: 'sk-upstream-secret-1234' });
      secret = (await admin.issueKey([id])).key_value;
    }
    expect(await runCli(['keys:rotate-encryption'], rotated)).toMatchObject({ code: 0, stderr: '' });
    const [stored] = await execute('select id, sealed_secret as sealed from upstreams');
    expect(new AesCipher(NEW_KEY).keyIdOf(stored!.sealed)).toBe(ids.new);
    const { ENCRYPTION_KEY } = rotated as { ENCRYPTION_KEY: string };
    await using app = await startApp({ databaseUrl: database.url, env: { ...env, ENCRYPTION_KEY } });
    const answer = await fetch(`${app.url}/proxy/v1/models`, { headers: { 'x-api-key': secret } });
    expect(answer.status).toBe(200);
    expect(header(upstream.requests[0]!, 'authorization')).toEqual(['Bearer sk-upstream-secret-1234']);
  });

  it('#32 fails no request beside services under load, also when it is killed half-way and started again', async () => {
    const simulator = await startSimulator();
    await using upstream = await RecordingUpstream.start();
    const env = { ...rotated, UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8', OPENROUTER_BASE_URL: simulator.url };
    await inhabit(database.url, OLD_KEY, 300);
    const { secret, holders } = await inhabitWithPeople(simulator, upstream);
    const services = await Promise.all(Array.from({ length: dialect === 'sqlite' ? 1 : 2 }, () => startService(env)));
    const at = (turn: number) => services[turn % services.length]!.url;
    let turn = 0;
    const proxy = () => fetch(`${at(turn++)}/proxy/v1/models`, { headers: { 'x-api-key': secret } });
    const check = () => {
      const { jwt, keyId } = holders[turn++ % holders.length]!;
      const headers = { Authorization: `Bearer ${jwt}` };
      return fetch(`${at(turn)}/api/keys/${keyId}/validate`, { method: 'POST', headers });
    };
    {
      await using traffic = new SteadyTraffic({ proxy, check }, 60);
      const goesOn = async () => {
        const before = [traffic.count('proxy 200'), traffic.count('check 200')];
        await expect.poll(() => traffic.count('proxy 200')).toBeGreaterThan(before[0]! + 5);
        await expect.poll(() => traffic.count('check 200')).toBeGreaterThan(before[1]! + 3);
      };
      await goesOn();
      const goOn = await stopAt(180);
      let child: ChildProcess | undefined;
      const killed = spawnCli(['keys:rotate-encryption'], rotated, (started) => (child = started));
      // Looked for without a pause, because on SQLite everybody who writes waits meanwhile, but not for ever.
      await onDatabase(database.url, async (orm) => {
        await expect.poll(() => sealedAnew(orm), { interval: 10 }).toBe(150);
      });
      if (dialect === 'postgres') await goesOn();
      child!.kill('SIGKILL');
      expect(await killed).toMatchObject({ code: null });
      await goOn();
      await goesOn();
      expect(await spawnCli(['keys:rotate-encryption'], rotated)).toMatchObject({ code: 0, stderr: '' });
      await goesOn();
      expect(traffic.failures).toEqual({});
    }
    for (const service of services) await service[Symbol.asyncDispose]();
    await simulator.close();

    const sealed = await execute(
      'select sealed_secret as sealed from api_keys union all select sealed_secret from upstreams union all select sealed from encryption_check',
    );
    expect(new Set(sealed.map((row) => new AesCipher(NEW_KEY).keyIdOf(row.sealed)))).toEqual(new Set([ids.new]));
    await expect(startService({ DATABASE_URL: database.url })).rejects.toThrow('ENCRYPTION_KEY');
  });

  const sealedAnew = async (orm: MikroORM) => {
    const sql = `select count(*) as sealed from api_keys where sealed_secret like 'v1.${ids.new}.%'`;
    const [row] = await (orm.em.fork() as SqlEntityManager).execute<{ sealed: number | string }[]>(sql);
    return Number(row!.sealed);
  };

  /** An upstream with a client key, and people with a key of OpenRouter each, so that nobody checks too often. */
  async function inhabitWithPeople(simulator: Simulator, upstream: RecordingUpstream) {
    const env = { UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8', OPENROUTER_BASE_URL: simulator.url };
    await using app = await startApp({ databaseUrl: database.url, env });
    const admin = new GatewayAdmin(app);
    const secret = (await admin.issueKey([await admin.addUpstream({ base_url: upstream.url })])).key_value;
    const holders: { jwt: string; keyId: number }[] = [];
    for (let person = 0; person < 20; person++) {
      const { jwt } = await newPerson(app);
      const added = await fetch(`${app.url}/api/keys`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${jwt}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ name: 'laptop', key: simulator.account().key().secret }),
      });
      holders.push({ jwt, keyId: ((await added.json()) as { id: number }).id });
    }
    return { secret, holders };
  }

  it('#32 lets instances change their key one after the other, each opening what the others seal', async () => {
    await using upstream = await RecordingUpstream.start();
    const env = { UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8' };
    const oldKey = SERVICE_ENVIRONMENT.ENCRYPTION_KEY;
    const newKey = rotated.ENCRYPTION_KEY!;
    const start = (current: string, previous: string) =>
      startApp({
        databaseUrl: database.url,
        env: { ...env, ENCRYPTION_KEY: current, ENCRYPTION_KEYS_PREVIOUS: previous },
      });
    // Every instance knows the new key before the first one seals with it.
    for (const [one, other] of [
      [
        [oldKey, ''],
        [oldKey, newKey],
      ],
      [
        [oldKey, newKey],
        [newKey, oldKey],
      ],
      [
        [newKey, oldKey],
        [newKey, oldKey],
      ],
    ] as [[string, string], [string, string]][]) {
      await using first = await start(...one);
      await using second = await start(...other);
      for (const [at, elsewhere] of [
        [first, second],
        [second, first],
      ] as const) {
        const admin = new GatewayAdmin(at);
        const id = await admin.addUpstream({ name: randomUUID(), base_url: upstream.url });
        const headers = { 'x-api-key': (await admin.issueKey([id])).key_value };
        const call = async () => (await fetch(`${elsewhere.url}/proxy/v1/models`, { headers })).status;
        await expect.poll(call).toBe(200);
      }
    }
  });
});
