import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JobLeases, LeaseLost } from '../../src/jobs/runs/job-lease.port.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { MemoryJobLeases } from '../fakes/job-leases.memory.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { DIALECTS } from '../support/services.ts';

describe.each(['memory', ...DIALECTS] as const)('a job lease in %s', (where) => {
  let app: TestApp | undefined;
  let clock: FixedClock;
  let leases: JobLeases;
  beforeEach(async () => {
    clock = new FixedClock();
    app = where === 'memory' ? undefined : await startApp({ dialect: where, clock });
    leases = app ? app.nest.get(JobLeases, { strict: false }) : new MemoryJobLeases(clock);
  });
  afterEach(() => app?.[Symbol.asyncDispose]());

  const inUnit = <T>(work: () => Promise<T>): Promise<T> =>
    app ? app.nest.get(UnitOfWork, { strict: false }).run(work) : work();
  const acquire = (owner: string, job = 'sync') => inUnit(() => leases.acquire(job, owner, 60));

  it('is held by one owner at a time, and jobs have one each', async () => {
    expect(await acquire('a')).toEqual({ job: 'sync', owner: 'a', fencing: 1 });
    expect(await acquire('b')).toBeNull();
    expect(await acquire('a')).toBeNull();
    expect(await acquire('b', 'other')).toEqual({ job: 'other', owner: 'b', fencing: 1 });
    expect((await inUnit(() => leases.listHeld())).toSorted()).toEqual(['other', 'sync']);
  });

  it('goes to exactly one of many who ask at once', async () => {
    const asked = await Promise.all(Array.from({ length: 20 }, (_, index) => acquire(`owner-${index}`)));
    expect(asked.filter(Boolean)).toHaveLength(1);
  });

  it('can be taken over when it has expired, not a moment earlier, and its number grows', async () => {
    const first = (await acquire('a'))!;
    clock.advance(59.999);
    expect(await acquire('b')).toBeNull();
    clock.advance(0.001);
    expect(await inUnit(() => leases.listHeld())).toEqual([]);
    expect(await acquire('b')).toMatchObject({ owner: 'b', fencing: first.fencing + 1 });
  });

  it('lasts longer when it is renewed', async () => {
    const lease = (await acquire('a'))!;
    clock.advance(50);
    expect(await inUnit(() => leases.renew(lease, 60))).toBe(true);
    clock.advance(50);
    expect(await acquire('b')).toBeNull();
  });

  it('is free at once when it is given back, and its number still grows', async () => {
    await inUnit(async () => leases.release((await leases.acquire('sync', 'a', 60))!));
    expect(await acquire('b')).toMatchObject({ owner: 'b', fencing: 2 });
  });

  it('is of no use to an owner who has lost it', async () => {
    const lost = (await acquire('a'))!;
    clock.advance(60);
    await inUnit(() => leases.hold(lost));
    const taken = (await acquire('b'))!;
    await expect(inUnit(() => leases.hold(lost))).rejects.toThrow(LeaseLost);
    expect(await inUnit(() => leases.renew(lost, 60))).toBe(false);
    await inUnit(() => leases.release(lost));
    await inUnit(() => leases.hold(taken));
    expect(await acquire('c')).toBeNull();
  });

  it('is of no use after it was given back', async () => {
    const lease = (await acquire('a'))!;
    await inUnit(() => leases.release(lease));
    await expect(inUnit(() => leases.hold(lease))).rejects.toThrow(LeaseLost);
  });

  it.skipIf(where === 'memory')('cannot be taken over while a unit of work holds it', async () => {
    const lease = (await acquire('a'))!;
    clock.advance(60);
    await using other = await startApp({ databaseUrl: app!.config.DATABASE_URL, clock });
    const theirs = other.nest.get(JobLeases, { strict: false });
    const order: string[] = [];
    const held = Promise.withResolvers<void>();
    const ours = inUnit(async () => {
      await leases.hold(lease);
      held.resolve();
      // Long enough for the other one to ask; it can only be answered afterwards.
      await new Promise((resolve) => setTimeout(resolve, 200));
      order.push('written');
    });
    await held.promise;
    const unitOfWork = other.nest.get(UnitOfWork, { strict: false });
    const taken = unitOfWork.run(() => theirs.acquire('sync', 'b', 60)).then(() => order.push('taken over'));
    await Promise.all([ours, taken]);
    expect(order).toEqual(['written', 'taken over']);
  });
});
