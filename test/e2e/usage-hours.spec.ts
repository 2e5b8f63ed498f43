import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RemoveKey } from '../../src/api-keys/keeping/remove-key.use-case.js';
import { ATTENDED_RUN } from '../../src/shared/task-run.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { faults } from '../simulator/faults.ts';
import type { SimulatedKey } from '../simulator/key.ts';
import { DIALECTS } from '../support/services.ts';
import { trueCosts, UsageWorld } from '../support/usage-world.ts';

const MODEL = 'openai/gpt-4.1-mini';
const OTHER = 'anthropic/claude-sonnet-4.5';

interface StoredHour {
  hour: string;
  model: string;
  requests: number;
  cost: bigint;
}

describe.each(DIALECTS)('the hours of the sync on %s', (dialect) => {
  let world: UsageWorld;
  let userId: number;
  beforeEach(async () => {
    world = await UsageWorld.start(dialect, new FixedClock('2026-06-15T10:00:00.000Z'));
    userId = await world.user();
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const hours = async (keyId: number): Promise<StoredHour[]> => {
    const rows = await world.sql<Record<string, string | number>>(
      `select hour, model, requests, cast(cost_nanos as text) as cost from usage_hours
       where api_key_id = ? order by hour, cost_nanos`,
      [keyId],
    );
    return rows.map(({ hour, model, requests, cost }) => ({
      hour: String(hour),
      model: String(model),
      requests: Number(requests),
      cost: BigInt(cost!),
    }));
  };
  const costs = async (keyId: number) => (await hours(keyId)).map(({ hour, model, cost }) => [hour, model, cost]);
  /** What the simulator itself has booked, by hour and model. */
  const truth = (key: SimulatedKey, from = '') => {
    const sums = new Map<string, bigint>();
    for (const { at, model, cost } of key.past()) {
      const place = `${new Date(at).toISOString().slice(0, 13)} ${model}`;
      if (place >= from) sums.set(place, (sums.get(place) ?? 0n) + cost);
    }
    return Object.fromEntries(sums);
  };
  const told = async (keyId: number) =>
    Object.fromEntries((await hours(keyId)).map(({ hour, model, cost }) => [`${hour} ${model}`, cost]));
  const questions = () => world.simulator.callsTo('/analytics/query').filter(({ body }) => body.granularity === 'hour');

  describe('of a standard key', () => {
    const newKey = async () => {
      const key = world.simulator.account().key();
      return { key, id: await world.register(userId, key) };
    };

    it('are those between two syncs in which its counter grew, without a model', async () => {
      const { key, id } = await newKey();
      key.spend({ at: '2026-06-15T07:00:00Z', cost: '7' });
      await world.sync();
      key.spend({ at: '2026-06-15T10:30:00Z', cost: '0.1' });
      await world.syncAt('2026-06-15T11:00:00Z');
      await world.sync();
      key.spend({ at: '2026-06-15T11:59:59Z', cost: '0.2' });
      await world.syncAt('2026-06-15T12:00:00Z');
      await world.syncAt('2026-06-15T12:00:00Z');
      expect(await costs(id)).toEqual([
        ['2026-06-15T10', 'unattributed', 100_000_000n],
        ['2026-06-15T11', 'unattributed', 200_000_000n],
      ]);
      expect(await world.costs(id)).toEqual({ '2026-06-15': 7_300_000_000n });
      expect(questions()).toHaveLength(0);
    });

    it('are not known of a time without a sync; the days are', async () => {
      const { key, id } = await newKey();
      await world.sync();
      key.spend({ at: '2026-06-15T11:30:00Z', cost: '1' });
      await world.syncAt('2026-06-15T13:00:00Z');
      expect(await hours(id)).toEqual([]);
      expect(await world.costs(id)).toEqual({ '2026-06-15': 1_000_000_000n });
    });

    it('go with the key', async () => {
      const { key, id } = await newKey();
      await world.sync();
      key.spend({ cost: '1' });
      await world.syncAt('2026-06-15T11:00:00Z');
      expect(await hours(id)).toHaveLength(1);
      await world.get(RemoveKey).execute(userId, id);
      expect(await hours(id)).toEqual([]);
    });
  });

  describe('of an account', () => {
    const newAccount = async (...names: string[]) => {
      const account = world.simulator.account();
      const keys = names.map((name) => account.key({ name }));
      await world.register(userId, account.managementKey());
      const ids = async () => {
        const stored = (await world.keys(userId)).filter(({ kind }) => kind !== 'management');
        return keys.map(({ hash }) => stored.find((one) => one.openRouterHash === hash)!.id);
      };
      return { account, keys, ids };
    };

    it('are those of analytics, of all keys by one question, and the same however often they are read', async () => {
      const { keys, ids } = await newAccount('CI', 'Blog', 'Shop');
      for (const [index, key] of keys.entries()) {
        for (let hour = 0; hour < 10; hour++) {
          const at = `2026-06-15T0${hour}:20:00Z`;
          key.spend({ at, cost: `0.00000000${index + 1}`, model: hour % 3 ? MODEL : OTHER, promptTokens: 5 });
        }
      }
      await world.sync();
      expect(questions()).toHaveLength(1);
      for (const [index, id] of (await ids()).entries()) expect(await told(id)).toEqual(truth(keys[index]!));
      const before = await world.sql('select * from usage_hours order by api_key_id, hour, model');
      await world.syncAt('2026-06-15T10:00:30Z');
      await Promise.all([world.sync(), world.sync()]);
      expect(await world.sql('select * from usage_hours order by api_key_id, hour, model')).toEqual(before);
      expect(before[0]).toMatchObject({ model: OTHER });
      for (const [index, id] of (await ids()).entries()) expect(await world.costs(id)).toEqual(trueCosts(keys[index]!));
    });

    it('are asked for seven days back at first, afterwards a day', async () => {
      const { keys } = await newAccount('CI');
      keys[0]!.spend({ cost: 1 });
      await world.sync();
      await world.syncAt('2026-06-15T11:00:00Z');
      await world.syncAt('2026-06-15T12:00:00Z');
      const asked = questions().map(({ body }) => (body.time_range as { start: string }).start);
      expect(asked).toEqual(['2026-06-08T11:00:00.000Z', '2026-06-14T11:00:00.000Z', '2026-06-14T12:00:00.000Z']);
    });

    it('ask nothing where no key was used on a day that is read', async () => {
      const { keys } = await newAccount('CI', 'Blog');
      keys[0]!.spend({ cost: 1 });
      await world.sync();
      expect(questions()).toHaveLength(1);
      await world.syncAt('2026-06-17T11:00:00Z');
      expect(questions()).toHaveLength(2);
      await world.syncAt('2026-06-17T12:00:00Z');
      await world.syncAt('2026-06-17T13:00:00Z');
      expect(questions()).toHaveLength(2);
    });

    it('take late arrivals and corrections of the last day over, and models that are not named any more', async () => {
      const { keys, ids } = await newAccount('CI');
      const [key] = keys;
      key!.spend({ at: '2026-06-15T08:10:00Z', cost: '1', model: MODEL });
      const moved = key!.spend({ at: '2026-06-15T08:20:00Z', cost: '2', model: OTHER });
      await world.sync();
      key!.spend({ at: '2026-06-14T20:10:00Z', cost: '0.5', model: MODEL });
      key!.refund('0.25', { at: '2026-06-15T08:10:00Z', model: MODEL });
      moved.model = MODEL;
      await world.syncAt('2026-06-15T11:00:00Z');
      const [id] = await ids();
      expect(await told(id!)).toEqual(truth(key!));
      expect(await costs(id!)).toEqual([
        ['2026-06-14T20', MODEL, 500_000_000n],
        ['2026-06-15T08', MODEL, 2_750_000_000n],
      ]);
    });

    it('are those of the counters while analytics is silent, and never both', async () => {
      const { keys, ids } = await newAccount('CI');
      const [key] = keys;
      key!.spend({ at: '2026-06-15T09:30:00Z', cost: '1' });
      await world.sync();
      const heal = world.simulator.fail(faults.serverError(), { path: '/analytics/query' });
      key!.spend({ at: '2026-06-15T10:30:00Z', cost: '2' });
      expect(await world.syncAt('2026-06-15T11:00:00Z')).toMatchObject({ failed: 0 });
      const [id] = await ids();
      expect(await costs(id!)).toEqual([
        ['2026-06-15T09', MODEL, 1_000_000_000n],
        ['2026-06-15T10', 'unattributed', 2_000_000_000n],
      ]);
      heal();
      await world.syncAt('2026-06-15T12:00:00Z');
      expect(await told(id!)).toEqual(truth(key!));
    });

    it('of a key of which analytics says nothing yet stay as its counters show them', async () => {
      const { keys, ids } = await newAccount('CI', 'Blog');
      await world.sync();
      for (const key of keys) key.spend({ at: '2026-06-15T10:30:00Z', cost: '2' });
      world.simulator.fail(
        faults.edit<{ data: { data: { api_key_id: string }[] } }>(({ data }) => ({
          data: { ...data, data: data.data.filter((row) => row.api_key_id !== 'Blog') },
        })),
        { path: '/analytics/query' },
      );
      await world.syncAt('2026-06-15T11:00:00Z');
      const [ci, blog] = await ids();
      expect(await costs(ci!)).toEqual([['2026-06-15T10', MODEL, 2_000_000_000n]]);
      expect(await costs(blog!)).toEqual([['2026-06-15T10', 'unattributed', 2_000_000_000n]]);
    });

    it('of a key of which analytics tells a row that cannot be read stay as its counters show them', async () => {
      const { keys, ids } = await newAccount('CI', 'Blog');
      await world.sync();
      for (const key of keys) {
        key.spend({ at: '2026-06-15T10:20:00Z', cost: '2', model: MODEL });
        key.spend({ at: '2026-06-15T10:40:00Z', cost: '3', model: OTHER });
      }
      type Row = { api_key_id: string; model: string };
      const isOdd = (row: Row) => row.api_key_id === 'Blog' && row.model.startsWith('anthropic/');
      const heal = world.simulator.fail(
        faults.edit<{ data: { data: Row[] } }>(({ data }) => ({
          data: { ...data, data: data.data.map((row) => (isOdd(row) ? { ...row, model: null } : row)) },
        })),
        { path: '/analytics/query' },
      );
      await world.syncAt('2026-06-15T11:00:00Z');
      const [ci, blog] = await ids();
      expect(await told(ci!)).toEqual(truth(keys[0]!));
      expect(await costs(blog!)).toEqual([['2026-06-15T10', 'unattributed', 5_000_000_000n]]);
      heal();
      await world.syncAt('2026-06-15T12:00:00Z');
      expect(await told(blog!)).toEqual(truth(keys[1]!));
    });

    it('come to what was spent, whenever the syncs are and whenever analytics fails', async () => {
      const { keys, ids } = await newAccount('CI', 'Blog');
      for (let minute = 0; minute < 12 * 60; minute += 7) {
        const at = new Date(Date.parse('2026-06-15T10:01:00Z') + minute * 60_000);
        keys[minute % 2]!.spend({ at, cost: '0.001', model: minute % 3 ? MODEL : OTHER });
      }
      for (const [round, step] of [25, 95, 40, 61, 60, 60, 130, 5, 60, 60, 60].entries()) {
        world.clock.advance(step * 60);
        const heal = round % 3 ? () => {} : world.simulator.fail(faults.serverError(), { path: '/analytics/query' });
        await world.sync();
        heal();
        for (const [index, id] of (await ids()).entries()) {
          const sum = (await hours(id)).reduce((total, { cost }) => total + cost, 0n);
          const spent = keys[index]!.past().reduce((total, { cost }) => total + cost, 0n);
          expect(sum <= spent).toBe(true);
          const known = await told(id);
          const right = truth(keys[index]!);
          const wrong = ([place, cost]: [string, bigint]) =>
            round % 3 ? cost !== right[place] : cost > (right[place] ?? 0n) && !place.endsWith('unattributed');
          // While analytics is silent nothing that it has told is too much by now; when it speaks, nothing is missing.
          expect(Object.entries(known).filter(wrong)).toEqual([]);
          expect(Object.keys(right).filter((place) => round % 3 && !(place in known))).toEqual([]);
        }
      }
    });

    it('tell two keys of one name apart', async () => {
      const { keys, ids } = await newAccount('CI', 'CI');
      keys[0]!.spend({ cost: '1' });
      keys[1]!.spend({ cost: '2' });
      await world.sync();
      for (const [index, id] of (await ids()).entries()) expect(await told(id)).toEqual(truth(keys[index]!));
      expect(questions()).toHaveLength(2);
    });

    it('come to every key in its turn where more have one name than a sync can ask about', async () => {
      const { keys, ids } = await newAccount(...Array.from({ length: 25 }, () => 'CI'));
      for (const key of keys) key.spend({ at: '2026-06-15T09:30:00Z', cost: '1' });
      await world.sync();
      const known = async () => Promise.all((await ids()).map(async (id) => (await hours(id)).length));
      expect((await known()).filter((count) => count > 0)).toHaveLength(20);
      await world.syncAt('2026-06-15T11:00:00Z');
      for (const [index, id] of (await ids()).entries()) expect(await told(id)).toEqual(truth(keys[index]!));
      const starts = questions().map(({ body }) => (body.time_range as { start: string }).start);
      expect(starts).toEqual([
        ...Array<string>(20).fill('2026-06-08T11:00:00.000Z'),
        ...Array<string>(5).fill('2026-06-08T12:00:00.000Z'),
        ...Array<string>(15).fill('2026-06-14T11:00:00.000Z'),
      ]);
    });

    it('move with a discovered key to the one that its owner registers', async () => {
      const { keys, ids } = await newAccount('CI');
      const [key] = keys;
      key!.spend({ at: '2026-06-15T08:00:00Z', cost: '1' });
      await world.sync();
      const [discovered] = await ids();
      const id = await world.register(userId, key!);
      key!.spend({ cost: '2' });
      await world.syncAt('2026-06-15T11:00:00Z');
      expect(await ids()).toEqual([id]);
      expect(await hours(discovered!)).toEqual([]);
      expect(await told(id)).toEqual(truth(key!));
    });

    it('of a replaced secret are none of the key before', async () => {
      const { account, keys, ids } = await newAccount('CI');
      const [first] = keys;
      const id = await world.register(userId, first!);
      first!.spend({ at: '2026-06-15T09:00:00Z', cost: '1' });
      await world.sync();
      const second = account.key({ name: 'Second' });
      second.spend({ at: '2026-06-15T05:00:00Z', cost: '4' });
      await world.replaceSecret(id, second);
      await world.syncAt('2026-06-15T11:00:00Z');
      expect(await ids()).not.toContain(id);
      expect((await hours(id)).map(({ hour }) => hour)).toEqual(['2026-06-15T09']);
      second.spend({ at: '2026-06-16T09:00:00Z', cost: '8' });
      await world.syncAt('2026-06-16T10:00:00Z');
      expect((await hours(id)).map(({ hour }) => hour)).toEqual(['2026-06-15T09', '2026-06-16T09']);
    });

    it('are read on where a killed run has stopped', async () => {
      const { keys, ids } = await newAccount('CI', 'Blog');
      for (const key of keys) key.spend({ at: '2026-06-15T09:30:00Z', cost: '1' });
      for (let steps = 0; steps < 14; steps++) {
        let left = steps;
        const stillOurs = async () => {
          if (left-- <= 0) throw new Error('killed');
        };
        await world.sync({ ...ATTENDED_RUN, stillOurs }).catch(() => {});
      }
      await world.sync();
      for (const [index, id] of (await ids()).entries()) expect(await told(id)).toEqual(truth(keys[index]!));
    });

    it('are kept for 31 days before today, to the hour, and days for as long as ever', async () => {
      const { keys, ids } = await newAccount('CI');
      for (const hour of ['2026-06-14T23', '2026-06-15T00', '2026-06-15T09']) {
        keys[0]!.spend({ at: `${hour}:30:00Z`, cost: '1' });
      }
      await world.sync();
      const [id] = await ids();
      world.clock.set('2026-07-16T03:00:00Z');
      expect(await world.fold()).toMatchObject({ days_folded: 0, hours_removed: 1 });
      expect((await hours(id!)).map(({ hour }) => hour)).toEqual(['2026-06-15T00', '2026-06-15T09']);
      expect(await world.fold()).toMatchObject({ hours_removed: 0 });
      world.clock.set('2026-07-17T00:00:00Z');
      expect(await world.fold()).toMatchObject({ hours_removed: 2 });
      expect(await world.costs(id!)).toEqual({ '2026-06-14': 1_000_000_000n, '2026-06-15': 2_000_000_000n });
    });
  });
});
