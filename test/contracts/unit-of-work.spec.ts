import { setTimeout as pause } from 'node:timers/promises';
import { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { startApp, type TestApp } from '../support/app.ts';
import { DIALECTS } from '../support/services.ts';

describe.each(DIALECTS)('units of work on %s', (dialect) => {
  let app: TestApp;
  beforeEach(async () => void (app = await startApp({ dialect })));
  afterEach(() => app[Symbol.asyncDispose]());

  it('let others have their turn, however many follow one another', async () => {
    const unitOfWork = app.nest.get(UnitOfWork, { strict: false });
    const em = app.nest.get(SqlEntityManager, { strict: false });
    let turns = 0;
    const others = new AbortController();
    const waiting = (async () => {
      while (!others.signal.aborted) {
        await pause(0);
        turns++;
      }
    })();
    for (let unit = 0; unit < 50; unit++) await unitOfWork.run(() => em.execute('select 1 as one'));
    expect(turns).toBeGreaterThan(5);
    others.abort();
    await waiting;
  });
});
