import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { inhabit, onDatabase } from '../support/inhabitants.ts';
import { type RunningService, SERVICE_ENVIRONMENT, startService } from '../support/service.ts';
import { DIALECTS } from '../support/services.ts';

const ADMIN_TOKEN = 'admin-token-for-tests-without-spaces';

it.each(['SIGTERM', 'SIGINT'] as const)(
  'a service that is told to stop by %s ends with exit code 0',
  async (signal) => {
    await using service = await startService();
    service.process.kill(signal);
    const [code] = (await once(service.process, 'exit')) as [number | null];
    expect(code).toBe(0);
  },
);

it('a service that is told to stop says so at /ready, and serves until the balancer has turned elsewhere', async () => {
  await using service = await startService({ STOP_DELAY_SECONDS: '5' });
  const statusOf = async (path: string) => (await fetch(service.url + path)).status;
  expect(await statusOf('/ready')).toBe(200);
  service.process.kill('SIGTERM');
  await expect.poll(() => statusOf('/ready')).toBe(503);
  expect(await statusOf('/health')).toBe(200);
  expect(await once(service.process, 'exit')).toEqual([0, null]);
});

describe.each(DIALECTS)('a service that runs a job on %s', (dialect) => {
  let database: TestDatabase;
  let openRouter: Server;
  let calls: number;
  /** Until then every call to OpenRouter waits for its answer, and with it the job. */
  let answered: PromiseWithResolvers<void>;
  beforeEach(async () => {
    database = await newDatabase(dialect);
    calls = 0;
    answered = Promise.withResolvers();
    openRouter = createServer((_request, response) => {
      calls++;
      void answered.promise.then(() => response.writeHead(404).end());
    }).listen(0, '127.0.0.1');
    await once(openRouter, 'listening');
  });
  afterEach(async () => {
    answered.resolve();
    openRouter.close();
    openRouter.closeAllConnections();
    await database[Symbol.asyncDispose]();
  });

  const start = (env: Record<string, string> = {}) =>
    startService({
      ...env,
      ADMIN_TOKEN,
      DATABASE_URL: database.url,
      OPENROUTER_TIMEOUT_MS: '60000',
      OPENROUTER_BASE_URL: `http://127.0.0.1:${(openRouter.address() as AddressInfo).port}/api/v1`,
    });
  const execute = (sql: string) =>
    onDatabase(database.url, (orm) => (orm.em.fork() as SqlEntityManager).execute<Record<string, unknown>[]>(sql));
  const outcomes = () => execute('select outcome from job_runs order by id');
  const beginSync = (service: RunningService) =>
    fetch(`${service.url}/admin/jobs/usage-sync/run`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    }).then(
      (answer) => answer.json() as Promise<object>,
      () => 'hung up',
    );

  /** Tells the service to stop, lets the job go on once it has heard of that, and returns its exit code. */
  async function stopped(service: RunningService): Promise<number | null> {
    const exit = once(service.process, 'exit') as Promise<[number | null]>;
    service.process.kill('SIGTERM');
    await expect.poll(() => beginSync(service)).toMatchObject({ code: 'overloaded' });
    answered.resolve();
    return (await exit)[0];
  }

  it('finishes it before it stops, and tells whoever asked', async () => {
    await using service = await start();
    await inhabit(database.url, Buffer.from(SERVICE_ENVIRONMENT.ENCRYPTION_KEY, 'base64url'), 2);
    const run = beginSync(service);
    await expect.poll(() => calls).toBeGreaterThan(0);
    expect(await stopped(service)).toBe(0);
    expect(await run).toMatchObject({ outcome: 'succeeded', figures: { keys: 2 } });
    expect(await outcomes()).toEqual([{ outcome: 'succeeded' }]);
  });

  it('that nobody has asked for finishes it too, before it closes what the job needs', async () => {
    await (await start())[Symbol.asyncDispose]();
    await inhabit(database.url, Buffer.from(SERVICE_ENVIRONMENT.ENCRYPTION_KEY, 'base64url'), 2);
    // A slot that an instance has begun and left: the next one begins it again as soon as it starts. It comes once a
    // year, months away from today on either side.
    const today = new Date();
    const slot = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 4, 1));
    const instant = dialect === 'sqlite' ? String(slot.getTime()) : `'${slot.toISOString()}'`;
    await execute(`insert into job_runs (name, slot, attempt, owner, fencing, started_at, outcome)
      values ('usage-sync', ${instant}, 1, 'dead', 1, ${instant}, 'running')`);
    await using service = await start({ SYNC_CRON: `0 0 1 ${slot.getUTCMonth() + 1} *` });
    await expect.poll(() => calls).toBeGreaterThan(0);
    expect(await stopped(service)).toBe(0);
    expect(await outcomes()).toEqual([{ outcome: 'abandoned' }, { outcome: 'succeeded' }]);
    expect(service.output()).not.toMatch(/"level":(50|60)/);
  });

  it('and is killed leaves a run behind that the next one closes when it starts', async () => {
    const first = await start();
    await inhabit(database.url, Buffer.from(SERVICE_ENVIRONMENT.ENCRYPTION_KEY, 'base64url'), 2);
    const run = beginSync(first);
    await expect.poll(() => calls).toBeGreaterThan(0);
    first.process.kill('SIGKILL');
    expect(await run).toBe('hung up');
    expect(await outcomes()).toEqual([{ outcome: 'running' }]);

    // As if the lease had run out meanwhile.
    await execute(`update job_leases set expires_at = ${dialect === 'sqlite' ? '0' : "'2026-01-01'"}`);
    await using second = await start();
    await expect.poll(outcomes).toEqual([{ outcome: 'abandoned' }]);
    answered.resolve();
    expect(await beginSync(second)).toMatchObject({ outcome: 'succeeded' });
  });
});
