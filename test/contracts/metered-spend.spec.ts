import { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKey } from '../../src/api-keys/api-key.entity.js';
import { User } from '../../src/auth/accounts/user.entity.js';
import { databaseOptions } from '../../src/database/mikro-orm.config.js';
import type { UsageHour } from '../../src/gateway/request-logs/logged-call.entity.js';
import { MikroRequestLogRepository } from '../../src/gateway/request-logs/request-log.repository.mikro.js';
import { RegisteredUpstream } from '../../src/gateway/upstreams/upstream.entity.js';
import { Period } from '../../src/shared/time/period.js';
import { MikroMeteredSpend } from '../../src/usage/reading/metered-spend.reports.mikro.js';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { DIALECTS } from '../support/services.ts';

const BORN = new Date('2026-06-01T00:00:00.000Z');
/** More than a double holds. */
const LARGE = 9_007_199_254_740_993n;

function hour(of: Partial<UsageHour>): UsageHour {
  const figures = { requests: 1, failed: 0, promptTokens: 1, completionTokens: 1, cachedTokens: 0, reasoningTokens: 0 };
  const usual = {
    hour: '2026-06-15T12',
    clientKeyId: 1,
    upstreamId: 1,
    model: 'm',
    cost: 0n,
    byokCost: 0n,
    unsettled: 0,
  };
  return { ...usual, ...figures, ...of };
}

describe.each(DIALECTS)('what the gateway metered of a key in %s', (dialect) => {
  let place: TestDatabase;
  let orm: MikroORM;
  const work = <T>(run: (em: SqlEntityManager) => Promise<T>): Promise<T> =>
    orm.em.fork().transactional((em) => run(em as unknown as SqlEntityManager));
  const add = (...hours: UsageHour[]) => work((em) => new MikroRequestLogRepository(em).addToHours(hours));
  const spend = async (userId: number, start: string, end: string) =>
    Object.fromEntries(
      await new MikroMeteredSpend(orm.em.fork() as SqlEntityManager).byKey(userId, Period.between(start, end)),
    );

  beforeAll(async () => {
    place = await newDatabase(dialect);
    orm = await MikroORM.init(databaseOptions(place.url));
    await work(async (em) => {
      for (const id of [1, 2]) {
        await em.insert(
          User,
          Object.assign(new User(`u${id}@example.com`, `u${id}@example.com`, 'none', BORN), { id }),
        );
      }
      for (const [id, userId] of [
        [1, 1],
        [2, 1],
        [3, 2],
      ] as const) {
        await em.insert(ApiKey, Object.assign(new ApiKey(userId, `key ${id}`, 'standard', BORN), { id }));
      }
      // Two upstreams with the first key, one with the third.
      for (const [id, apiKeyId] of [
        [1, 1],
        [2, 1],
        [3, 3],
      ] as const) {
        const said = { name: `u${id}`, provider: 'openrouter', baseUrl: 'https://example.com', timeoutSeconds: 60 };
        const upstream = new RegisteredUpstream({ ...said, isDefault: false, isActive: true }, BORN);
        await em.insert(RegisteredUpstream, Object.assign(upstream, { id, apiKeyId }));
      }
    });
  });
  afterAll(async () => {
    await orm.close();
    await place[Symbol.asyncDispose]();
  });

  it('adds up its upstreams, models and client keys, day by day', async () => {
    await add(
      hour({ cost: LARGE }),
      hour({ cost: 1n, model: 'another' }),
      hour({ cost: 20n, clientKeyId: 2, hour: '2026-06-15T23' }),
      hour({ cost: 300n, upstreamId: 2, hour: '2026-06-16T00' }),
      hour({ cost: 4_000n, upstreamId: 3 }),
    );
    expect(await spend(1, '2026-06-15', '2026-06-15')).toEqual({ 1: LARGE + 21n });
    expect(await spend(1, '2026-06-15', '2026-06-16')).toEqual({ 1: LARGE + 321n });
    expect(await spend(2, '2026-06-01', '2026-06-30')).toEqual({ 3: 4_000n });
    expect(await spend(1, '2026-06-17', '2026-06-18')).toEqual({});
  });

  it('takes in what is told later, also that it was less', async () => {
    await add(hour({ cost: -LARGE, requests: 0 }));
    expect(await spend(1, '2026-06-15', '2026-06-15')).toEqual({ 1: 21n });
  });

  it('knows a call that cost nothing from none', async () => {
    await add(hour({ hour: '2026-06-20T12' }));
    expect(await spend(1, '2026-06-20', '2026-06-20')).toEqual({ 1: 0n });
  });
});
