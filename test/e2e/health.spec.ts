import { MikroORM } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Job, Jobs } from '../../src/jobs/job.js';
import { Schedule } from '../../src/jobs/timing/schedule.js';
import { JobRunner } from '../../src/jobs/runs/job-runner.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { onPostgres } from '../support/database.ts';
import { processTimeOf } from '../support/process-time.ts';
import { DIALECTS } from '../support/services.ts';

const NOON = new Date('2026-06-15T12:00:00Z');

class HourlyJob extends Job {
  readonly name = 'hourly';
  readonly schedule = new Schedule('0 * * * *');
  readonly work = async () => ({});
}

describe.each(DIALECTS)('health on %s', (dialect) => {
  let app: TestApp;
  let clock: FixedClock;
  beforeEach(async () => {
    clock = new FixedClock();
    app = await startApp({ dialect, clock });
  });
  afterEach(() => app[Symbol.asyncDispose]());

  const addJob = () => {
    const job = new HourlyJob();
    (app.nest.get(Jobs, { strict: false }).all as Job[]).push(job);
    return job;
  };

  const dropDatabase = () =>
    onPostgres(`drop database ${new URL(app.config.DATABASE_URL).pathname.slice(1)} with (force)`);
  /** Nothing else gets at a SQLite file's one connection until then. */
  const keepDatabaseBusy = (until: Promise<void>) => app.nest.get(UnitOfWork, { strict: false }).run(() => until);
  /** What /ready comes to say; a busy machine may have it think at first that the database does not answer. */
  const readiness = async () => {
    const { status, body } = await request(app.url).get('/ready');
    return { httpStatus: status, ...(body as object) };
  };

  it('is ok while the process lives', async () => {
    const answer = await request(app.url).get('/health').expect(200);
    expect(answer.body).toEqual({ status: 'ok' });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('asks the database once for however many ask whether it is ready, and no more for the migrations it has', async () => {
    const compare = vi.spyOn(app.nest.get(MikroORM).migrator as Migrator, 'getPending');
    const ready = () => request(app.url).get('/ready');
    await Promise.all(Array.from({ length: 50 }, ready));
    const asked = compare.mock.calls.length;
    await vi.waitFor(async () => expect((await ready()).status).toBe(200), { timeout: 20_000 });
    await Promise.all(Array.from({ length: 20 }, ready));
    expect(asked).toBeLessThan(10);
    expect(compare.mock.calls.length).toBeLessThanOrEqual(asked + 1);
  });

  it('answers an unknown address with a problem', async () => {
    const answer = await request(app.url)
      .get('/nowhere')
      .expect(404)
      .expect('Content-Type', /^application\/problem\+json/);
    expect(answer.body).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404, code: 'not_found' });
  });

  it('is ready when database, schema and jobs are', async () => {
    addJob();
    await expect.poll(readiness).toEqual({
      httpStatus: 200,
      status: 'up',
      checks: {
        database: { status: 'up' },
        migrations: { status: 'up' },
        redis: { status: 'off' },
        jobs: { status: 'up' },
      },
    });
    expect((await request(app.url).get('/ready')).headers['cache-control']).toBe('no-store');
  });

  it('is not ready while jobs come late', async () => {
    addJob();
    const aMinuteLater = () => {
      clock.advance(61);
      return readiness();
    };
    await expect.poll(aMinuteLater).toMatchObject({
      httpStatus: 503,
      status: 'down',
      checks: { jobs: { status: 'down' }, database: { status: 'up' } },
    });
  });

  it('is not ready while the schema is old', async () => {
    await app.nest.get(MikroORM).migrator.down();
    await expect.poll(readiness).toMatchObject({
      httpStatus: 503,
      checks: { database: { status: 'up' }, migrations: { status: 'down' } },
    });
  });

  it('is not ready while the database is away, says so at once and without its address', async () => {
    const answered = Promise.withResolvers<void>();
    const over = dialect === 'postgres' ? await dropDatabase() : keepDatabaseBusy(answered.promise);
    const taken = await processTimeOf(async () => {
      const { body } = await request(app.url).get('/ready').expect(503);
      expect(body).toMatchObject({ status: 'down', checks: { database: { status: 'down' } } });
      expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|postgres|monitor/);
    });
    expect(taken).toBeLessThan(2_000);
    await request(app.url).get('/health').expect(200);
    answered.resolve();
    await over;
  });

  it('tells Prometheus about requests by route and about jobs by outcome', async () => {
    const job = addJob();
    await app.nest.get(JobRunner, { strict: false }).runSlot(job, NOON);
    await request(app.url).get('/health').expect(200);
    await request(app.url).get('/sk-or-v1-secret').expect(404);
    await request(app.url).delete('/api/tokens/sk-or-v1-secret').expect(401);
    const { text, headers } = await request(app.url).get('/metrics').expect(200);
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(text).toContain('http_requests_total{method="GET",route="/health",status="200"} 1');
    expect(text).toContain('http_requests_total{method="DELETE",route="/api/tokens/:id",status="401"} 1');
    expect(text).toMatch(/http_request_duration_seconds_bucket\{le="0.005",method="GET",route="\/health"/);
    expect(text).toContain('job_runs_total{job="hourly",outcome="succeeded"} 1');
    expect(text).toContain(`job_last_success_timestamp_seconds{job="hourly"} ${NOON.getTime() / 1000}`);
    expect(text).toContain('process_resident_memory_bytes');
    expect(text).not.toContain('sk-or');
  });
});

describe('metrics', () => {
  it('are closed to everybody without the token, where one is set', async () => {
    await using app = await startApp({ env: { METRICS_TOKEN: 'a-token-for-metrics' } });
    const ask = (headers: Record<string, string>) => request(app.url).get('/metrics').set(headers);
    await ask({ Authorization: 'Bearer a-token-for-metrics' }).expect(200);
    await ask({}).expect(403);
    await ask({ Authorization: 'Bearer a-token-for-metricS' }).expect(403);
    await ask({ Authorization: 'a-token-for-metrics' }).expect(403);
  });

  it.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via'])(
    'are closed to whom a proxy on this machine speaks for (%s)',
    async (header) => {
      await using app = await startApp();
      await request(app.url).get('/metrics').set(header, '127.0.0.1').expect(403);
    },
  );

  it.each(['127.0.0.1', '127.0.0.0/8'])('are closed to a proxy that is trusted as %s', async (TRUST_PROXY) => {
    await using app = await startApp({ env: { TRUST_PROXY } });
    await request(app.url).get('/metrics').expect(403);
  });

  it('are open to this machine although a proxy elsewhere is trusted', async () => {
    await using app = await startApp({ env: { TRUST_PROXY: '10.0.0.0/8, fd00::/8' } });
    await request(app.url).get('/metrics').expect(200);
  });
});
