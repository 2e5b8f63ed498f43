import { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
});
