import { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { databaseOptions } from '../../src/database/mikro-orm.config.js';
import { plainSql } from '../../src/database/plain-sql.js';
import { Period } from '../../src/shared/time/period.js';
import { MikroHoursReports } from '../../src/usage/reading/hours.reports.mikro.js';
import { MikroMeteredSpend } from '../../src/usage/reading/metered-spend.reports.mikro.js';
import { MikroUsageReports } from '../../src/usage/reading/usage.reports.mikro.js';
import { newDatabase, type TestDatabase } from '../support/database.ts';

const WEEK = Period.between('2026-06-09', '2026-06-15');

describe('what SQLite reads for one person', () => {
  let place: TestDatabase;
  let orm: MikroORM;
  beforeAll(async () => {
    place = await newDatabase('sqlite');
    orm = await MikroORM.init(databaseOptions(place.url));
  });
  afterAll(async () => {
    await orm.close();
    await place[Symbol.asyncDispose]();
  });

  /** How SQLite goes about what is asked for, a line for each step. */
  async function planOf(ask: (em: SqlEntityManager) => Promise<unknown>): Promise<string[]> {
    const em = orm.em.fork() as SqlEntityManager;
    const database = plainSql(em);
    using asked = vi.spyOn(database.getExecutor(), 'executeQuery');
    await ask(em);
    const questions = asked.mock.calls.map(([{ sql, parameters }]) => explained(sql, parameters));
    const plans: string[] = [];
    for (const question of questions) {
      const { rows } = await database.executeQuery<{ detail: string }>(question);
      plans.push(...rows.map(({ detail }) => detail));
    }
    return plans;
  }

  it.each<[string, (em: SqlEntityManager) => Promise<unknown>]>([
    ['the dashboard', (em) => new MikroUsageReports(em).breakdown(1, WEEK)],
    ['a chart by model', (em) => new MikroUsageReports(em).timeline(1, WEEK, 'model', 8)],
    ['a chart by key', (em) => new MikroUsageReports(em).timeline(1, WEEK, 'key', 8)],
    ['a list', (em) => new MikroUsageReports(em).rows(1, { period: WEEK }, 0, 50)],
    [
      'a sorted list',
      (em) => new MikroUsageReports(em).rows(1, { period: WEEK }, 0, 50, { by: 'key', direction: 'asc' }),
    ],
    ['the totals of keys', (em) => new MikroUsageReports(em).allTimeByKey(1)],
    ['what was metered', (em) => new MikroMeteredSpend(em).byKey(1, WEEK)],
    ['hours by key', (em) => new MikroHoursReports(em).of(1, WEEK, 'key')],
  ])('are for %s no keys of anybody else', async (_what, ask) => {
    const steps = (await planOf(ask)).filter((step) => /^(SCAN|SEARCH) (k|api_keys)\b/.test(step));
    expect(steps).not.toEqual([]);
    for (const step of steps) expect(step).toMatch(/ USING (INTEGER PRIMARY KEY|(COVERING )?INDEX \w+ \(user_id=\?)/);
  });

  it('is of what was metered no day of other upstreams', async () => {
    const steps = await planOf((em) => new MikroMeteredSpend(em).byKey(1, WEEK));
    expect(steps.filter((step) => /^(SCAN|SEARCH) [kud]\b/.test(step))).toEqual([
      expect.stringMatching(/^SEARCH k .*\(user_id=\?\)/),
      expect.stringMatching(/^SEARCH u .*\(api_key_id=\?\)/),
      expect.stringMatching(/^SEARCH d .*upstream_id=\?/),
    ]);
  });
});

function explained(sql: string, parameters: readonly unknown[]): CompiledQuery<{ detail: string }> {
  return CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]) as CompiledQuery<{ detail: string }>;
}
