import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ATTENDED_RUN } from '../../src/shared/task-run.js';
import { addDays } from '../../src/shared/time/period.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import type { SimulatedKey } from '../simulator/key.ts';
import { DIALECTS } from '../support/services.ts';
import { trueCosts, UsageWorld } from '../support/usage-world.ts';

describe.each(DIALECTS)('the weekly clean-up on %s', (dialect) => {
  let world: UsageWorld;
  let userId: number;
  let key: SimulatedKey;
  let keyId: number;

  const start = async (retentionDays: number) => {
    const env = { USAGE_STATS_RETENTION_DAYS: String(retentionDays) };
    world = await UsageWorld.start(dialect, new FixedClock('2026-06-15T10:00:00.000Z'), env);
    userId = await world.user();
    const account = world.simulator.account();
    key = account.key();
    await world.register(userId, account.managementKey());
    for (let day = 1; day <= 30; day++) {
      const at = new Date(Date.parse('2026-06-15T08:00:00Z') - day * 86_400_000);
      key.spend({ at, cost: '0.100000001', promptTokens: 10, reasoningTokens: day % 2 });
      key.spend({ at, cost: '0.2', model: 'anthropic/claude-sonnet-4.5' });
    }
    await world.sync();
    keyId = (await world.keys(userId)).find(({ kind }) => kind === 'discovered')!.id;
  };
  afterEach(() => world[Symbol.asyncDispose]());

  const months = () =>
    world.sql(`select month, model, cast(requests as integer) as requests, cast(tokens_input as integer) as tokens_input
      from usage_months order by month, model`);
  const firstDay = async () => (await world.days(keyId))[0]!.date;

  describe('with 40 days of retention', () => {
    beforeEach(() => start(40));

    it('folds what is older than the retention, to the day, and keeps the totals', async () => {
      const before = await world.total(keyId);
      world.clock.set('2026-07-05T03:00:00Z');
      expect(await world.fold()).toMatchObject({ days_folded: 20 });
      expect(await firstDay()).toBe('2026-05-26');
      expect(await world.total(keyId)).toEqual(before);
      expect(before.cost).toBe(Object.values(trueCosts(key)).reduce((sum, cost) => sum + cost, 0n));
      world.clock.advance(86_400);
      expect(await world.fold()).toMatchObject({ days_folded: 2 });
      expect(await firstDay()).toBe('2026-05-27');
      expect(await world.total(keyId)).toEqual(before);
      const ofMay = { month: '2026-05', requests: 11 };
      expect(await months()).toEqual([
        { ...ofMay, model: 'anthropic/claude-sonnet-4.5', tokens_input: 0 },
        { ...ofMay, model: 'openai/gpt-4.1-mini', tokens_input: 110 },
      ]);
    });

    it('does nothing the second time', async () => {
      world.clock.set('2026-08-30T03:00:00Z');
      expect(await world.fold()).toMatchObject({ days_folded: 60 });
      const before = await months();
      expect(await world.fold()).toEqual({
        days_folded: 0,
        hours_removed: 0,
        counter_days_removed: 0,
        snapshots_removed: 0,
      });
      expect(await months()).toEqual(before);
    });

    it('killed after any number of steps, comes to the same totals', async () => {
      const before = await world.total(keyId);
      world.clock.set('2026-08-30T03:00:00Z');
      for (let steps = 0; steps < 6; steps++) {
        let left = steps;
        const stillOurs = async () => {
          if (left-- <= 0) throw new Error('killed');
        };
        await world.fold({ ...ATTENDED_RUN, stillOurs }).catch(() => {});
        expect(await world.total(keyId)).toEqual(before);
      }
      await world.fold();
      expect(await world.days()).toEqual([]);
      expect(await world.total(keyId)).toEqual(before);
    });

    it('tells in the log what it has done', async () => {
      world.clock.set('2026-07-05T03:00:00Z');
      await world.fold();
      const line = world.app.logs.map((text) => JSON.parse(text) as object).find((entry) => 'days_folded' in entry);
      expect(line).toMatchObject({ days_folded: 20, before: '2026-05-26' });
    });
  });

  describe('with one day of retention', () => {
    beforeEach(() => start(1));

    it('and syncs in between, keeps what was folded and counts no day twice', async () => {
      const todaysAndYesterdays = trueCosts(key, '2026-06-14');
      expect(await world.costs(keyId)).toEqual(todaysAndYesterdays);
      let spent = (await world.total(keyId)).cost;
      for (let day = 15; day <= 25; day++) {
        key.spend({ at: `2026-06-${day}T12:00:00Z`, cost: '0.5' });
        spent += 500_000_000n;
        await world.syncAt(`2026-06-${day}T13:00:00Z`);
        await Promise.all([world.fold(), world.sync(), world.fold()]);
        expect(await firstDay()).toBe(addDays(`2026-06-${day}`, -1));
        expect((await world.total(keyId)).cost).toBe(spent);
      }
    });

    it('leaves a late correction of a folded day out of it, and in the books', async () => {
      key.spend({ cost: '1' });
      await world.sync();
      await world.syncAt('2026-06-18T10:00:00Z');
      await world.fold();
      const before = await world.total(keyId);
      key.spend({ at: '2026-06-15T08:00:00Z', cost: '0.25' });
      await world.syncAt('2026-06-18T11:00:00Z');
      expect((await world.total(keyId)).cost).toBe(before.cost + 250_000_000n);
      expect((await world.days(keyId)).map(({ date }) => date)).toEqual(['2026-06-18']);
    });
  });

  it('keeps one snapshot an hour, after a week one a day, and none past retention', async () => {
    await start(40);
    for (const hour of ['11:00', '11:30', '12:00']) await world.syncAt(`2026-06-15T${hour}:00Z`);
    const count = async () => (await world.sql('select id from counter_snapshots')).length;
    expect(await count()).toBe(3);
    world.clock.set('2026-06-22T12:00:00Z');
    await world.fold();
    expect(await count()).toBe(3);
    world.clock.set('2026-06-23T12:00:00Z');
    expect(await world.fold()).toMatchObject({ snapshots_removed: 2 });
    world.clock.set('2026-08-01T12:00:00Z');
    await world.fold();
    expect(await count()).toBe(0);
    key.spend({ cost: '1' });
    await world.sync();
    expect((await world.costs(keyId))['2026-08-01']).toBe(1_000_000_000n);
  });
});
