import { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseOptions } from '../../src/database/mikro-orm.config.js';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { DIALECTS } from '../support/services.ts';

const FIGURES = 'count(*) as row_count, sum(requests) as requests, sum(cost_nanos) as cost_nanos';
const STORED = 'row_count, requests, cost_nanos';
const TABLES: [name: string, keys: string, from: string][] = [
  ['usage_sums_by_day', 'user_id, date', 'usage_days'],
  ['usage_sums_by_day_and_model', 'user_id, date, model', 'usage_days'],
  ['usage_sums_by_day_and_key', 'user_id, date, api_key_id', 'usage_days'],
  [
    'usage_sums_by_key',
    'api_key_id, user_id',
    `(select api_key_id, user_id, requests, cost_nanos from usage_days union all
      select api_key_id, user_id, requests, cost_nanos from usage_months) as everything`,
  ],
];

const figures = { requests: fc.integer({ min: 0, max: 9 }), cost: fc.integer({ min: -9, max: 9 }) };
const key = fc.integer({ min: 1, max: 4 });
const date = fc.constantFrom('2026-06-14', '2026-06-15');
const model = fc.constantFrom('a', 'b');
const deeds = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), key, date, model, ...figures }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('month' as const), key, model, ...figures }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('change all' as const), date, ...figures }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), date, model }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('hand over' as const), from: key, to: key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('remove key' as const), key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('remove user' as const), user: fc.constantFrom(1, 2) }) },
  ),
  { minLength: 1, maxLength: 25 },
);
type Deed = (typeof deeds extends fc.Arbitrary<infer T> ? T : never) extends (infer D)[] ? D : never;

describe.each(DIALECTS)('what usage adds up to in %s', (dialect) => {
  let database: TestDatabase;
  let orm: MikroORM;
  beforeAll(async () => {
    database = await newDatabase(dialect);
    orm = await MikroORM.init(databaseOptions(database.url));
  });
  afterAll(async () => {
    await orm.close();
    await database[Symbol.asyncDispose]();
  });

  const run = (em: SqlEntityManager, sql: string) => em.execute<Record<string, unknown>[]>(sql);
  const [yes, born] = dialect === 'sqlite' ? ['1', '0'] : ['true', "'2026-01-01'"];

  async function world(em: SqlEntityManager): Promise<void> {
    await run(em, 'delete from users');
    for (const user of [1, 2]) {
      await run(
        em,
        `insert into users (id, email, email_key, password_hash, role, is_active, created_at)
         values (${user}, 'u${user}', 'u${user}', 'x', 'user', ${yes}, ${born})`,
      );
    }
    // Keys 1 and 2 are of the first person, 3 and 4 of the second.
    for (const id of [1, 2, 3, 4]) {
      await run(
        em,
        `insert into api_keys (id, user_id, name, kind, status, is_switched_on, created_at, usage_total_nanos)
         values (${id}, ${ownerOf(id)}, 'k', 'standard', 'valid', ${yes}, ${born}, 0)`,
      );
    }
  }

  async function apply(em: SqlEntityManager, deed: Deed): Promise<void> {
    const put = (
      table: string,
      column: string,
      at: string,
      one: { key: number; model: string; requests: number; cost: number },
    ) =>
      run(
        em,
        `insert into ${table} (user_id, api_key_id, ${column}, model, requests, tokens_input, tokens_output, cost_nanos, byok_cost_nanos)
         select user_id, id, '${at}', '${one.model}', ${one.requests}, 1, 2, ${one.cost}, 0 from api_keys where id = ${one.key}
         on conflict (api_key_id, ${column}, model) do update set requests = excluded.requests, cost_nanos = excluded.cost_nanos`,
      );
    switch (deed.do) {
      case 'put':
        return void (await put('usage_days', 'date', deed.date, deed));
      case 'month':
        return void (await put('usage_months', 'month', '2025-01', deed));
      case 'change all':
        return void (await run(
          em,
          `update usage_days set requests = ${deed.requests}, cost_nanos = cost_nanos + ${deed.cost} where date = '${deed.date}'`,
        ));
      case 'remove':
        return void (await run(em, `delete from usage_days where date = '${deed.date}' and model = '${deed.model}'`));
      case 'hand over':
        if (ownerOf(deed.from) !== ownerOf(deed.to) || deed.from === deed.to) return;
        await run(em, `delete from usage_days where api_key_id = ${deed.to}`);
        return void (await run(
          em,
          `update usage_days set api_key_id = ${deed.to} where api_key_id = ${deed.from}
           and exists (select 1 from api_keys where id = ${deed.to})`,
        ));
      case 'remove key':
        return void (await run(em, `delete from api_keys where id = ${deed.key}`));
      case 'remove user':
        return void (await run(em, `delete from users where id = ${deed.user}`));
    }
  }

  it('is the truth after every statement, whatever it changes', async () => {
    await fc.assert(
      fc.asyncProperty(deeds, async (list) => {
        const em = orm.em.fork() as SqlEntityManager;
        await world(em);
        for (const deed of list) await apply(em, deed);
        for (const [name, keys, from] of TABLES) {
          const read = async (sql: string) =>
            JSON.stringify((await run(em, sql)).map((row) => Object.values(row).map(String)));
          const stored = await read(`select ${keys}, ${STORED} from ${name} order by ${keys}`);
          expect(stored).toBe(await read(`select ${keys}, ${FIGURES} from ${from} group by ${keys} order by ${keys}`));
        }
      }),
      { numRuns: dialect === 'sqlite' ? 60 : 25 },
    );
  });
});

function ownerOf(apiKeyId: number): number {
  return apiKeyId <= 2 ? 1 : 2;
}
