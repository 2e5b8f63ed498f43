import { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Overloaded } from '../../src/shared/errors.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { startApp, type TestApp } from '../support/app.ts';
import { DIALECTS } from '../support/services.ts';

describe.each(DIALECTS)('units of work on %s', (dialect) => {
  let app: TestApp;
  beforeEach(async () => void (app = await startApp({ dialect })));
  afterEach(() => app[Symbol.asyncDispose]());

  it('let others have their turn after each of them, however many follow one another', async () => {
    const unitOfWork = app.nest.get(UnitOfWork, { strict: false });
    const em = app.nest.get(SqlEntityManager, { strict: false });
    let turns = 0;
    let next = setImmediate(function others() {
      turns++;
      next = setImmediate(others);
    });
    const turnsPerUnit: number[] = [];
    for (let unit = 0; unit < 50; unit++) {
      const before = turns;
      await unitOfWork.run(() => em.execute('select 1 as one'));
      turnsPerUnit.push(turns - before);
    }
    clearImmediate(next);
    // The others come first in the turn that lets a unit end, so each unit sees one turn of theirs at the least.
    expect(Math.min(...turnsPerUnit)).toBeGreaterThanOrEqual(1);
  });

  it('wait for the disk unless they need not, and those after them do so again', async () => {
    const unitOfWork = app.nest.get(UnitOfWork, { strict: false });
    const em = app.nest.get(SqlEntityManager, { strict: false });
    const waits = async () => {
      const sql = dialect === 'sqlite' ? 'pragma synchronous' : 'show synchronous_commit';
      const [row] = await em.execute<[{ synchronous: number; synchronous_commit: string }]>(sql);
      return dialect === 'sqlite' ? row.synchronous === 2 : row.synchronous_commit === 'on';
    };
    const store = (name: string) =>
      em.execute(`insert into gateway_open_calls (instance_id, calls, seen_at) values (?, 1, ?)`, [name, new Date()]);
    await unitOfWork.runUnsynced(async () => {
      expect(await waits()).toBe(false);
      await store('kept');
    });
    const failed = unitOfWork.runUnsynced(async () => {
      await store('undone');
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    await unitOfWork.run(async () => expect(await waits()).toBe(true));
    const stored = await em.execute('select instance_id from gateway_open_calls order by instance_id');
    expect(stored).toEqual([{ instance_id: 'kept' }]);
  });

  it.skipIf(dialect !== 'postgres')(
    'are done again, whole, when PostgreSQL ends them for the sake of others',
    async () => {
      const unitOfWork = app.nest.get(UnitOfWork, { strict: false });
      const em = app.nest.get(SqlEntityManager, { strict: false });
      await em.fork().execute("insert into encryption_check (id, sealed) values (11, ''), (12, '')");
      const bothHoldOne = Promise.withResolvers<void>();
      let holding = 0;
      let begun = 0;
      const write = (id: number) => em.execute(`update encryption_check set sealed = sealed || 'x' where id = ${id}`);
      const bothWays = (first: number, second: number) =>
        unitOfWork.run(async () => {
          begun++;
          await write(first);
          if (++holding === 2) bothHoldOne.resolve();
          await bothHoldOne.promise;
          await write(second);
        });
      await Promise.all([bothWays(11, 12), bothWays(12, 11)]);
      const rows = await em.fork().execute('select sealed from encryption_check where id > 10');
      expect(rows.map(({ sealed }) => sealed)).toEqual(['xx', 'xx']);
      expect(begun).toBeGreaterThan(2);
    },
  );

  it.skipIf(dialect !== 'postgres')('give up in the end, and say so', async () => {
    const unitOfWork = app.nest.get(UnitOfWork, { strict: false });
    let begun = 0;
    const conflict = unitOfWork.run(async () => {
      begun++;
      throw Object.assign(new Error('could not serialize access'), { code: '40001' });
    });
    await expect(conflict).rejects.toBeInstanceOf(Overloaded);
    expect(begun).toBe(5);
  });
});
