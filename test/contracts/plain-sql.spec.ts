import { SqlEntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Question } from '../../src/database/plain-sql.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { startApp, type TestApp } from '../support/app.ts';
import { DIALECTS } from '../support/services.ts';

describe.each(DIALECTS)('a question in plain SQL on %s', (dialect) => {
  let app: TestApp;
  beforeAll(async () => void (app = await startApp({ dialect })));
  afterAll(() => app[Symbol.asyncDispose]());

  const em = () => app.nest.get(SqlEntityManager, { strict: false });

  it('has each value in its places, whichever it is asked with', async () => {
    const question = new Question<{ text: string }, [first: string, second: string]>(
      em(),
      (first, second) =>
        sql`select cast(${second} as text) || cast(${first} as text) || cast(${second} as text) as text`,
    );
    expect(await question.ask('a', 'b')).toEqual([{ text: 'bab' }]);
    expect(await question.ask('?', "'")).toEqual([{ text: "'?'" }]);
  });

  it('sees what the unit of work that asks has done so far', async () => {
    const question = new Question<{ sealed: string }, [id: number]>(
      em(),
      (id) => sql`select sealed from encryption_check where id = ${id}`,
    );
    const undone = app.nest.get(UnitOfWork, { strict: false }).run(async () => {
      await em().execute("insert into encryption_check (id, sealed) values (21, 'x')");
      expect(await question.ask(21)).toEqual([{ sealed: 'x' }]);
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    expect(await question.ask(21)).toEqual([]);
  });
});
