import { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VerifyAudit } from '../../src/audit/verify-audit.use-case.js';
import { type AuditEvent, AuditLog } from '../../src/shared/audit.port.js';
import { currentRequest } from '../../src/shared/logging/current-request.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { DIALECTS } from '../support/services.ts';

const REQUEST = { id: 'a-request', ip: '203.0.113.7', principal: { id: 7 } };

describe.each(DIALECTS)('the audit trail on %s', (dialect) => {
  let app: TestApp;
  let clock: FixedClock;
  beforeEach(async () => {
    clock = new FixedClock();
    app = await startApp({ dialect, clock });
  });
  afterEach(() => app[Symbol.asyncDispose]());

  const sql = (query: string, parameters: unknown[] = []) =>
    app.nest.get(SqlEntityManager, { strict: false }).fork().execute<Record<string, unknown>[]>(query, parameters);
  const unitOfWork = () => app.nest.get(UnitOfWork, { strict: false });
  const audit = () => app.nest.get(AuditLog, { strict: false });
  const verify = () => app.nest.get(VerifyAudit, { strict: false }).execute();
  const record = (event: AuditEvent) => unitOfWork().run(() => audit().record(event));

  async function recordFive() {
    for (let id = 1; id <= 5; id++) await record({ action: 'token.issued', target: `token:${id}` });
  }

  it('says who did what to what, from where, when and how it ended', async () => {
    await currentRequest.run(REQUEST, () => record({ action: 'token.issued', target: 'token:12' }));
    clock.advance(60);
    await currentRequest.run({ id: 'another', ip: '2001:db8::1' }, () =>
      record({ action: 'session.opened', target: 'user:7', result: 'refused' }),
    );
    await record({ action: 'keys.encrypted', target: 'keys', actor: 'operator' });
    await record({ action: 'usage.folded', target: 'usage' });
    const rows = await sql('select actor, ip, action, target, result from audit_events order by id');
    expect(rows).toEqual([
      { actor: 'user:7', ip: '203.0.113.7', action: 'token.issued', target: 'token:12', result: 'done' },
      { actor: 'anybody', ip: '2001:db8::1', action: 'session.opened', target: 'user:7', result: 'refused' },
      { actor: 'operator', ip: null, action: 'keys.encrypted', target: 'keys', result: 'done' },
      { actor: 'system', ip: null, action: 'usage.folded', target: 'usage', result: 'done' },
    ]);
    const times = await sql('select at from audit_events order by id');
    expect(times.slice(0, 2).map(({ at }) => new Date(at as string).toISOString())).toEqual([
      '2026-06-15T12:00:00.000Z',
      '2026-06-15T12:01:00.000Z',
    ]);
  });

  it('is empty and whole at first', async () => {
    expect(await verify()).toMatchObject({ intact: 0, brokenAt: null });
  });

  it('keeps nothing of a deed that was not done', async () => {
    await record({ action: 'token.issued', target: 'token:1' });
    const failed = unitOfWork().run(async () => {
      await audit().record({ action: 'token.issued', target: 'token:2' });
      throw new Error('The deed fails.');
    });
    await expect(failed).rejects.toThrow('The deed fails.');
    await record({ action: 'token.issued', target: 'token:3' });
    const rows = await sql('select id, target from audit_events order by id');
    expect(rows).toEqual([
      { id: 1, target: 'token:1' },
      { id: 2, target: 'token:3' },
    ]);
    expect(await verify()).toMatchObject({ intact: 2, brokenAt: null });
  });

  it('refuses to record outside a unit of work', async () => {
    await expect(audit().record({ action: 'token.issued', target: 'token:1' })).rejects.toThrow('outside');
  });

  it('keeps a deed from being done that cannot be recorded', async () => {
    await record({ action: 'token.issued', target: 'token:1' });
    await sql('insert into encryption_check (id, sealed) values (2, ?)', ['before']);
    await sql('drop table audit_events');
    const deed = unitOfWork().run(async () => {
      await app.nest.get(SqlEntityManager, { strict: false }).execute("update encryption_check set sealed = 'after'");
      await audit().record({ action: 'token.issued', target: 'token:2' });
    });
    await expect(deed).rejects.toThrow(/audit_events/);
    expect(await sql('select sealed from encryption_check where id = 2')).toEqual([{ sealed: 'before' }]);
  });

  it('has one row for each of many deeds at once, two of them in some units of work', async () => {
    const deeds = Array.from({ length: 40 }, (_, index) =>
      unitOfWork().run(async () => {
        await audit().record({ action: 'key.changed', target: `key:${index}` });
        if (index % 4 === 0) await audit().record({ action: 'key.checked', target: `key:${index}` });
      }),
    );
    await Promise.all(deeds);
    expect(await verify()).toMatchObject({ intact: 50, brokenAt: null });
    expect(await sql('select distinct target from audit_events')).toHaveLength(40);
  });

  it.each([
    ['a changed word', "update audit_events set target = 'token:9' where id = 3", 3],
    ['another actor', "update audit_events set actor = 'user:1' where id = 1", 1],
    ['another outcome', "update audit_events set result = 'refused' where id = 5", 5],
    ['a removed entry', 'delete from audit_events where id = 4', 4],
    ['a removed first entry', 'delete from audit_events where id = 1', 1],
    ['a cut-off end', 'delete from audit_events where id = 5', 5],
    ['no entries at all', 'delete from audit_events', 1],
    ['two swapped hashes', 'update audit_events set hash = previous_hash where id = 2', 2],
    ['another end', "update audit_head set hash = 'x'", 5],
  ])('notices %s', async (_what, change, brokenAt) => {
    await recordFive();
    expect(await verify()).toMatchObject({ intact: 5, brokenAt: null });
    await sql(change);
    expect(await verify()).toMatchObject({ brokenAt });
  });

  it('forgets the addresses of a person who leaves, and stays whole', async () => {
    await currentRequest.run(REQUEST, () => record({ action: 'token.issued', target: 'token:12' }));
    await currentRequest.run({ id: 'b', ip: '203.0.113.8' }, () => record({ action: 'login', target: 'user:7' }));
    await currentRequest.run({ id: 'c', ip: '203.0.113.9' }, () => record({ action: 'login', target: 'user:77' }));
    await unitOfWork().run(() => audit().forgetAddressesOf(7));
    expect(await sql('select ip from audit_events order by id')).toEqual([
      { ip: null },
      { ip: null },
      { ip: '203.0.113.9' },
    ]);
    expect(await verify()).toMatchObject({ intact: 3, brokenAt: null });
  });
});
