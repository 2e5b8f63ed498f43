import { setTimeout as pause } from 'node:timers/promises';
import { SqlEntityManager } from '@mikro-orm/sql';
import { SchedulerRegistry } from '@nestjs/schedule';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JobRunRepository } from '../../src/jobs/runs/job-run.repository.js';
import { Job, Jobs } from '../../src/jobs/job.js';
import { Schedule } from '../../src/jobs/timing/schedule.js';
import type { TaskFigures } from '../../src/shared/task-run.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newPerson } from '../support/people.ts';
import { DIALECTS } from '../support/services.ts';

/** Works until it is told to be done. */
class PatientJob extends Job {
  readonly name = 'patient';
  readonly schedule = new Schedule('0 2 * * *');
  done = Promise.withResolvers<TaskFigures>();

  work(): Promise<TaskFigures> {
    return this.done.promise;
  }
}

describe.each(DIALECTS)('the jobs as the operator sees them on %s', (dialect) => {
  let app: TestApp;
  let clock: FixedClock;
  let job: PatientJob;
  beforeEach(async () => {
    clock = new FixedClock();
    app = await startApp({ dialect, clock, env: { ADMIN_TOKEN: 'admin-token-for-tests-without-spaces' } });
    job = new PatientJob();
    (app.nest.get(Jobs, { strict: false }).all as Job[]).push(job);
  });
  afterEach(async () => {
    job.done.resolve({});
    await app[Symbol.asyncDispose]();
  });

  const admin = () => ({ Authorization: `Bearer ${app.config.ADMIN_TOKEN}` });
  const get = (path: string) => request(app.url).get(path).set(admin());
  const run = (name = 'patient') => request(app.url).post(`/admin/jobs/${name}/run`).set(admin());
  const state = async () => {
    const { body } = await get('/admin/jobs').expect(200);
    return (body as { name: string }[]).find(({ name }) => name === 'patient');
  };

  it('show their schedule, run when asked and then what came of it', async () => {
    expect(await state()).toEqual({
      name: 'patient',
      schedule: '0 2 * * *',
      enabled: true,
      running: false,
      last_run: null,
      next_run: '2026-06-16T02:00:00.000Z',
    });
    const answer = run().then(({ body }) => body as object);
    await expect.poll(state).toMatchObject({ running: true, last_run: { outcome: 'running', duration_ms: null } });
    clock.advance(4.2);
    job.done.resolve({ keys: 12, failed: 1, a_longer_name: 3 });
    const outcome = {
      started_at: '2026-06-15T12:00:00.000Z',
      finished_at: '2026-06-15T12:00:04.200Z',
      duration_ms: 4200,
      outcome: 'succeeded',
      slot: null,
      figures: { a_longer_name: 3, failed: 1, keys: 12 },
      error: null,
    };
    expect(JSON.stringify(await answer)).toBe(JSON.stringify(outcome));
    expect(await state()).toMatchObject({ running: false, last_run: outcome });
  });

  it('answer 409 while running, 404 to a name that is none, and tell of the failure', async () => {
    const first = run().then(({ body }) => body as object);
    await expect.poll(state).toMatchObject({ running: true });
    const refused = await run().expect(409);
    expect(refused.body).toMatchObject({ code: 'job_running', status: 409 });
    job.done.reject(new Error('sk-or-v1-secret'));
    expect(await first).toMatchObject({ outcome: 'failed', error: expect.stringContaining('The log tells more') });
    await run('nothing').expect(404);
    await get('/admin/jobs/nothing/runs').expect(404);
  });

  it('go on when the client is gone', async () => {
    const client = new AbortController();
    const gone = fetch(`${app.url}/admin/jobs/patient/run`, {
      method: 'POST',
      headers: admin(),
      signal: client.signal,
    }).catch(() => 'gone');
    await expect.poll(state).toMatchObject({ running: true });
    client.abort();
    expect(await gone).toBe('gone');
    await pause(50);
    job.done.resolve({ keys: 1 });
    await expect.poll(state).toMatchObject({ last_run: { outcome: 'succeeded', figures: { keys: 1 } } });
  });

  it('keep their history in pages, newest first', async () => {
    job.done.resolve({});
    for (let count = 0; count < 3; count++) {
      await run().expect(200);
      clock.advance(60);
    }
    const { body } = await get('/admin/jobs/patient/runs').query({ page: 2, page_size: 2 }).expect(200);
    expect(body).toMatchObject({ total: 3, page: 2, page_size: 2, total_pages: 2 });
    expect((body as { items: object[] }).items).toMatchObject([{ started_at: '2026-06-15T12:00:00.000Z' }]);
    await get('/admin/jobs/patient/runs').query({ page: 0 }).expect(422);
  });

  it('are closed to everybody but admins, and the audit trail tells when it was the ADMIN_TOKEN', async () => {
    job.done.resolve({});
    const ada = await newPerson(app);
    const headers = { Authorization: `Bearer ${ada.jwt}` };
    for (const [method, path] of [
      ['GET', '/admin/jobs'],
      ['GET', '/admin/jobs/patient/runs'],
      ['POST', '/admin/jobs/patient/run'],
    ] as const) {
      expect((await fetch(app.url + path, { method })).status).toBe(403);
      expect((await fetch(app.url + path, { method, headers })).status).toBe(403);
    }
    await run().expect(200);
    const em = app.nest.get(SqlEntityManager, { strict: false }).fork();
    const events = await em.execute("select actor, action, target, ip from audit_events where action = 'job.run'");
    expect(events).toEqual([{ actor: 'operator', action: 'job.run', target: 'job:patient', ip: '127.0.0.1' }]);
  });
});

describe('the times of the jobs', () => {
  const NAMES = ['usage-sync', 'key-validation', 'usage-cleanup', 'log-cleanup'];
  const cronJobs = (app: TestApp) => app.nest.get(SchedulerRegistry).getCronJobs();
  const expressions = (app: TestApp) =>
    [...cronJobs(app)].map(([name, { cronTime }]) => `${name}: ${String(cronTime.source)} ${cronTime.timeZone}`);

  it('are the usual ones in UTC, if the operator says nothing', async () => {
    await using app = await startApp({ env: { SYNC_CRON: '', VALIDATION_CRON: '', CLEANUP_CRON: '' } });
    expect(expressions(app).toSorted()).toEqual([
      'key-validation: 0 2 * * * UTC',
      'usage-cleanup: 0 3 * * 0 UTC',
      'usage-sync: 0 * * * * UTC',
    ]);
  });

  it('are those that the operator has set', async () => {
    await using app = await startApp({ env: { VALIDATION_CRON: '*/5 * * * *' } });
    expect(expressions(app)).toEqual(['key-validation: */5 * * * * UTC']);
    expect(cronJobs(app).get('key-validation')!.isActive).toBe(true);
  });

  it('do not come for a job that is off, which can be run all the same', async () => {
    const admin = { Authorization: 'Bearer admin-token-for-tests-without-spaces' };
    await using app = await startApp({ env: { ADMIN_TOKEN: 'admin-token-for-tests-without-spaces' } });
    expect(expressions(app)).toEqual([]);
    const { body } = await request(app.url).get('/admin/jobs').set(admin).expect(200);
    expect(body).toMatchObject(NAMES.map((name) => ({ name, schedule: 'off', enabled: false, next_run: null })));
    for (const name of NAMES) {
      const run = await request(app.url).post(`/admin/jobs/${name}/run`).set(admin).expect(200);
      expect(run.body).toMatchObject({ outcome: 'succeeded', error: null });
    }
  });

  it('make one run each when they come', async () => {
    const clock = new FixedClock('2026-06-14T03:00:00.010Z');
    const hourly = '0 * * * *';
    const env = { SYNC_CRON: hourly, VALIDATION_CRON: hourly, CLEANUP_CRON: hourly, LOG_CLEANUP_CRON: hourly };
    await using app = await startApp({ clock, env });
    const runs = app.nest.get(JobRunRepository, { strict: false });
    const unitOfWork = app.nest.get(UnitOfWork, { strict: false });
    for (const name of NAMES) {
      const cron = cronJobs(app).get(name)!;
      await cron.fireOnTick();
      await cron.fireOnTick();
      const history = () => unitOfWork.run(() => runs.page(name, 0, 10));
      await expect
        .poll(history)
        .toMatchObject({ total: 1, items: [{ slot: new Date('2026-06-14T03:00:00Z'), outcome: 'succeeded' }] });
    }
  });
});
