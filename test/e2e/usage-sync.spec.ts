import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RemoveKey } from '../../src/api-keys/keeping/remove-key.use-case.js';
import { fingerprint } from '../../src/shared/secrets/secret.js';
import { ATTENDED_RUN } from '../../src/shared/task-run.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { faults } from '../simulator/faults.ts';
import type { KeyOptions, SimulatedKey } from '../simulator/key.ts';
import { DIALECTS } from '../support/services.ts';
import { trueCosts, UsageWorld } from '../support/usage-world.ts';

const MODEL = 'openai/gpt-4.1-mini';
const OTHER = 'anthropic/claude-sonnet-4.5';

describe.each(DIALECTS)('the hourly sync on %s', (dialect) => {
  let world: UsageWorld;
  let userId: number;
  beforeEach(async () => {
    world = await UsageWorld.start(dialect, new FixedClock('2026-06-15T10:00:00.000Z'));
    userId = await world.user();
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const newKey = async (options = {}) => {
    const key = world.simulator.account().key(options);
    return { key, id: await world.register(userId, key) };
  };

  /** An account with these keys, behind a registered management key; `ids` are the keys that stand for them here. */
  const newAccount = async (...options: KeyOptions[]) => {
    const account = world.simulator.account();
    for (const one of options.length > 0 ? options : [{}]) account.key(one);
    await world.register(userId, account.managementKey());
    const ids = async () => {
      const keys = await world.keys(userId);
      return keys.filter(({ kind }) => kind !== 'management').map(({ id }) => id);
    };
    return { account, ids };
  };

  describe('of a standard key', () => {
    it('books what its counters grow by as unattributed, exactly and only once', async () => {
      const { key, id } = await newKey();
      key.spend({ at: '2026-06-01T10:00:00Z', cost: '7' });
      key.spend({ cost: '0.1' });
      expect(await world.sync()).toMatchObject({ keys: 1, synced: 1, failed: 0 });
      key.spend({ cost: '0.2', byokCost: '0.000000001' });
      await world.syncAt('2026-06-15T11:00:00Z');
      await world.syncAt('2026-06-15T12:00:00Z');
      expect(await world.days(id)).toEqual([
        {
          keyId: id,
          date: '2026-06-15',
          model: 'unattributed',
          requests: 0,
          tokensInput: 0,
          tokensOutput: 0,
          cost: 300_000_000n,
          byokCost: 1n,
        },
      ]);
    });

    it('splits growth at midnight UTC', async () => {
      const { key, id } = await newKey();
      await world.sync();
      key.spend({ at: '2026-06-15T23:59:59.999Z', cost: '1' });
      key.spend({ at: '2026-06-16T00:00:00.000Z', cost: '2' });
      await world.syncAt('2026-06-16T00:30:00Z');
      expect(await world.costs(id)).toEqual({ '2026-06-15': 1_000_000_000n, '2026-06-16': 2_000_000_000n });
    });

    it('keeps a refund as a correction of the day on which it was seen', async () => {
      const { key, id } = await newKey();
      key.spend({ cost: '3' });
      await world.sync();
      await world.syncAt('2026-06-16T10:00:00Z');
      key.refund('0.5', { at: '2026-06-15T10:00:00Z' });
      await world.syncAt('2026-06-17T10:00:00Z');
      expect(await world.costs(id)).toEqual({ '2026-06-15': 3_000_000_000n, '2026-06-17': -500_000_000n });
    });

    it('shows that it was synced and used', async () => {
      const { key, id } = await newKey({ limit: 10 });
      await world.sync();
      key.spend({ cost: '1' });
      await world.syncAt('2026-06-15T11:00:00Z');
      const [stored] = await world.keys(userId);
      expect(stored).toMatchObject({ id, status: 'valid', usageTotal: 1_000_000_000n, limitRemaining: 9_000_000_000n });
      expect(stored!.lastSyncedAt).toEqual(new Date('2026-06-15T11:00:00Z'));
      expect(stored!.lastUsedAt).toEqual(new Date('2026-06-15T11:00:00Z'));
    });
  });

  describe('of a management key', () => {
    it('takes 30 days of history, today so far, and what the counters show beyond', async () => {
      const account = world.simulator.account();
      const key = account.key({ name: 'CI' });
      for (let day = 1; day <= 35; day++) {
        const at = new Date(Date.parse('2026-06-15T08:00:00Z') - day * 86_400_000);
        key.spend({ at, cost: '0.5', model: day % 2 ? MODEL : OTHER, promptTokens: 100, completionTokens: 20 });
      }
      key.spend({ cost: '0.25', promptTokens: 7 });
      await world.register(userId, account.managementKey());
      const figures = await world.sync();
      expect(figures).toMatchObject({ keys: 1, synced: 1, failed: 0, discovered: 1 });
      const [, discovered] = await world.keys(userId);
      expect(discovered).toMatchObject({ kind: 'discovered', name: 'CI', label: key.label, openRouterHash: key.hash });
      expect(await world.costs(discovered!.id)).toEqual(trueCosts(key, '2026-05-16'));
      expect((await world.total(discovered!.id)).requests).toBe(31);
    });

    it('replaces the unattributed spend of the same key and day, never adds to it', async () => {
      const account = world.simulator.account();
      const key = account.key();
      const id = await world.register(userId, key);
      key.spend({ cost: '1' });
      await world.sync();
      await world.register(userId, account.managementKey());
      key.spend({ cost: '2', model: OTHER });
      await world.syncAt('2026-06-15T11:00:00Z');
      expect(await world.keys(userId)).toHaveLength(2);
      expect((await world.keys(userId))[0]).toMatchObject({ id, kind: 'standard', openRouterHash: key.hash });
      expect(await world.costs(id)).toEqual({ '2026-06-15': 3_000_000_000n });
      expect((await world.days(id)).map(({ model }) => model)).not.toContain('unattributed');
    });
  });

  describe('of a management key, later', () => {
    const spendOnPastDays = (key: SimulatedKey) => {
      for (let day = 1; day <= 10; day++) {
        const at = new Date(Date.parse('2026-06-15T08:00:00Z') - day * 86_400_000);
        key.spend({ at, cost: '1.000000001', model: MODEL });
      }
    };

    it('takes late corrections of past days over, up and down, counting them once', async () => {
      const { account, ids } = await newAccount({ name: 'CI' });
      const [key] = account.keys;
      spendOnPastDays(key!);
      key!.spend({ cost: '2' });
      await world.sync();
      key!.spend({ at: '2026-06-13T09:00:00Z', cost: '0.3', model: OTHER });
      key!.refund('0.7', { at: '2026-06-14T08:00:00Z', model: MODEL });
      key!.spend({ cost: '0.000000001' });
      await world.syncAt('2026-06-15T11:00:00Z');
      const [id] = await ids();
      expect(await world.costs(id!)).toEqual(trueCosts(key!));
      await world.syncAt('2026-06-18T11:00:00Z');
      expect(await world.costs(id!)).toEqual(trueCosts(key!));
    });

    it('makes up for days on which it did not run', async () => {
      const { account, ids } = await newAccount();
      const [key] = account.keys;
      spendOnPastDays(key!);
      await world.sync();
      for (let day = 15; day <= 24; day++) key!.spend({ at: `2026-06-${day}T18:00:00Z`, cost: '0.1', byokCost: '0.2' });
      await world.syncAt('2026-06-24T20:00:00Z');
      const [id] = await ids();
      expect(await world.costs(id!)).toEqual(trueCosts(key!));
      const byok = (await world.days(id)).reduce((sum, day) => sum + day.byokCost, 0n);
      expect(byok).toBe(2_000_000_000n);
    });

    it('removes models that the activity does not name any more', async () => {
      const { account, ids } = await newAccount();
      const [key] = account.keys;
      key!.spend({ at: '2026-06-14T08:00:00Z', cost: '1', model: MODEL });
      const moved = key!.spend({ at: '2026-06-14T08:00:00Z', cost: '2', model: OTHER });
      await world.sync();
      moved.model = MODEL;
      await world.syncAt('2026-06-15T11:00:00Z');
      const [id] = await ids();
      expect((await world.days(id)).map(({ model, cost }) => [model, cost])).toEqual([[MODEL, 3_000_000_000n]]);
    });

    it('shows what the counters know beyond the activity, until the activity knows it too', async () => {
      const { account, ids } = await newAccount();
      const [key] = account.keys;
      key!.spend({ cost: '1' });
      const heal = world.simulator.fail(faults.serverError(), { path: '/analytics/query' });
      expect(await world.sync()).toMatchObject({ synced: 1, failed: 0 });
      const [id] = await ids();
      expect((await world.days(id)).map(({ model }) => model)).toEqual(['unattributed']);
      heal();
      await world.syncAt('2026-06-15T11:00:00Z');
      expect((await world.days(id)).map(({ model }) => model)).not.toContain('unattributed');
      expect(await world.costs(id!)).toEqual(trueCosts(key!));
    });

    it('asks nothing about keys that were never used', async () => {
      await newAccount();
      await world.sync();
      expect(world.simulator.callsTo('/activity')).toHaveLength(0);
      expect(world.simulator.callsTo('/analytics/query')).toHaveLength(0);
    });

    it('knows the balance, and that it may not be known', async () => {
      const { account } = await newAccount();
      account.keys[0]!.spend({ cost: '1.5' });
      await world.sync();
      const [manager] = await world.keys(userId);
      expect(manager).toMatchObject({ accountCredits: 100_000_000_000n, accountUsage: 1_500_000_000n });
      world.simulator.fail(faults.status(403, 'Only management keys can perform this operation'), { path: '/credits' });
      expect(await world.syncAt('2026-06-15T11:00:00Z')).toMatchObject({ failed: 0 });
      expect((await world.keys(userId))[0]).toMatchObject({ accountCredits: null, status: 'valid' });
    });

    it('sees keys that were disabled, that expired, that were deleted, and that came back', async () => {
      const { account, ids } = await newAccount({ name: 'disabled' }, { name: 'expiring' }, { name: 'deleted' });
      const [disabled, expiring, deleted] = account.keys;
      disabled!.spend({ cost: '1' });
      await world.sync();
      disabled!.disable();
      expiring!.expire('2026-06-15T10:30:00Z');
      deleted!.delete();
      await world.syncAt('2026-06-15T11:00:00Z');
      const statuses = async () => {
        const keys = (await world.keys(userId)).filter(({ kind }) => kind === 'discovered');
        return Object.fromEntries(keys.map(({ name, status }) => [name, status]));
      };
      expect(await statuses()).toEqual({ disabled: 'disabled', expiring: 'expired', deleted: 'deleted' });
      disabled!.enable();
      disabled!.name = 'renamed';
      await world.syncAt('2026-06-15T12:00:00Z');
      expect(await statuses()).toEqual({ renamed: 'valid', expiring: 'expired', deleted: 'deleted' });
      expect(await ids()).toHaveLength(3);
    });

    it.each([
      [
        'a row that cannot be read',
        '/keys',
        faults.edit<{ data: object[] }>(({ data }) => ({ data: [...data.slice(1), {}] })),
      ],
      ['workspaces that are not told', '/workspaces', faults.status(403)],
      [
        'a workspace that cannot be read',
        '/workspaces',
        faults.edit<{ data: object[] }>(({ data }) => ({ data: [...data.slice(1), {}] })),
      ],
    ])('takes no key for deleted that is missing beside %s', async (_, path, fault) => {
      const { account } = await newAccount({ name: 'one' });
      account.key({ name: 'two', workspace: account.workspace('Research') });
      await world.sync();
      world.simulator.fail(fault, { path });
      await world.syncAt('2026-06-15T11:00:00Z');
      const discovered = (await world.keys(userId)).filter(({ kind }) => kind === 'discovered');
      expect(discovered.map(({ status }) => status)).toEqual(['valid', 'valid']);
    });

    it('does not take a registered key for deleted that is never listed', async () => {
      const { account } = await newAccount();
      const hidden = account.key({ isUnlisted: true });
      const id = await world.register(userId, hidden);
      await world.sync();
      await world.syncAt('2026-06-15T11:00:00Z');
      expect((await world.keys(userId)).find((key) => key.id === id)).toMatchObject({ status: 'valid' });
    });

    it('links by the hash of the secret, whatever the label', async () => {
      const secret = `sk-or-v1-${'5'.repeat(64)}`;
      const { account } = await newAccount({ secret, hash: fingerprint(secret) });
      const id = await world.register(userId, account.keys[0]!);
      await world.sync();
      const keys = await world.keys(userId);
      expect(keys).toHaveLength(2);
      expect(keys.find((key) => key.id === id)).toMatchObject({
        kind: 'standard',
        openRouterHash: fingerprint(secret),
      });
    });

    it('does not link a key that only looks like a registered one', async () => {
      const alike = (middle: string) => `sk-or-v1-abc${middle.repeat(57)}1234`;
      const { account } = await newAccount({ secret: alike('1') }, { secret: alike('2') });
      const [one, other] = account.keys;
      const id = await world.register(userId, one!);
      one!.spend({ at: '2026-06-10T10:00:00Z', cost: '1' });
      other!.spend({ at: '2026-06-10T10:00:00Z', cost: '1' });
      await world.sync();
      expect((await world.keys(userId)).find((key) => key.id === id)).toMatchObject({ openRouterHash: null });
      one!.spend({ cost: '1' });
      await world.syncAt('2026-06-15T11:00:00Z');
      expect((await world.keys(userId)).find((key) => key.id === id)).toMatchObject({ openRouterHash: one!.hash });
      expect(await world.keys(userId)).toHaveLength(3);
      expect(await world.costs(id)).toEqual(trueCosts(one!));
    });

    it('keeps what was counted of a discovered key when its owner registers it', async () => {
      const { account, ids } = await newAccount();
      const [key] = account.keys;
      spendOnPastDays(key!);
      key!.spend({ cost: '2' });
      await world.sync();
      const [discovered] = await ids();
      world.clock.set('2026-06-20T10:00:00Z');
      const id = await world.register(userId, key!);
      key!.spend({ cost: '3' });
      await world.sync();
      expect(await ids()).toEqual([id]);
      expect(await world.days(discovered)).toEqual([]);
      expect(await world.costs(id)).toEqual(trueCosts(key!));
      key!.spend({ at: '2026-06-20T10:30:00Z', cost: '1' });
      await world.syncAt('2026-06-20T11:00:00Z');
      expect(await world.costs(id)).toEqual(trueCosts(key!));
    });

    it('asks no further where OpenRouter wants to be left alone for longer than a minute', async () => {
      const { account, ids } = await newAccount({}, {}, {});
      for (const key of account.keys) key.spend({ cost: '1' });
      world.simulator.fail(faults.tooManyRequests(90), { path: '/analytics/query' });
      expect(await world.sync()).toMatchObject({ synced: 1, failed: 0 });
      expect(world.simulator.callsTo('/analytics/query')).toHaveLength(1);
      expect(world.simulator.callsTo('/activity')).toHaveLength(3);
      for (const id of await ids()) expect(await world.costs(id)).toEqual({ '2026-06-15': 1_000_000_000n });
      world.simulator.fail(faults.tooManyRequests(90), { path: '/activity' });
      expect(await world.syncAt('2026-06-15T11:00:00Z')).toMatchObject({ synced: 1, failed: 1 });
      expect(world.simulator.callsTo('/activity')).toHaveLength(4);
    });

    it('hands a key on to the next management key when the one that listed it first is dead', async () => {
      const { account, ids } = await newAccount();
      const [key, first] = account.keys;
      await world.sync();
      const second = await world.register(userId, account.managementKey());
      first!.delete();
      key!.spend({ cost: '1', model: OTHER });
      await world.syncAt('2026-06-15T11:00:00Z');
      await world.syncAt('2026-06-15T12:00:00Z');
      await world.syncAt('2026-06-15T13:00:00Z');
      const stored = (await world.keys(userId)).find(({ kind }) => kind === 'discovered');
      expect(stored).toMatchObject({ managedById: second, status: 'valid' });
      expect((await world.days((await ids())[0])).map(({ model }) => model)).not.toContain('unattributed');
    });

    it('takes the discovered keys along when the last management key is removed, and no registered one', async () => {
      const { account } = await newAccount({ name: 'one' }, { name: 'two' });
      const registered = await world.register(userId, account.keys[0]!);
      for (const key of account.keys) key.spend({ at: '2026-06-14T10:00:00Z', cost: '1' });
      const second = await world.register(userId, account.managementKey());
      await world.sync();
      const management = (await world.keys(userId)).filter(({ kind }) => kind === 'management').map(({ id }) => id);
      expect(management).toHaveLength(2);
      const remove = (id: number) => world.get(RemoveKey).execute(userId, id);
      await remove(management.find((id) => id !== second)!);
      expect(await world.keys(userId)).toHaveLength(3);
      await world.syncAt('2026-06-15T11:00:00Z');
      const discovered = (await world.keys(userId)).find(({ kind }) => kind === 'discovered')!;
      expect(discovered.managedById).toBe(second);
      await remove(second);
      expect((await world.keys(userId)).map(({ id }) => id)).toEqual([registered]);
      expect(await world.days(discovered.id)).toEqual([]);
    });

    it('books a key once that two management keys of the same person list', async () => {
      const { account, ids } = await newAccount();
      const [key] = account.keys;
      await world.register(userId, account.managementKey());
      spendOnPastDays(key!);
      key!.spend({ cost: '2' });
      await world.sync();
      await world.syncAt('2026-06-15T11:00:00Z');
      const found = await ids();
      expect(found).toHaveLength(1);
      expect(await world.costs(found[0]!)).toEqual(trueCosts(key!));
    });
  });

  describe('whatever happens to it', () => {
    const bigAccount = async () => {
      const { account, ids } = await newAccount({ name: 'one' }, { name: 'two' });
      const [one, two] = account.keys;
      const id = await world.register(userId, one!);
      for (let day = 1; day <= 5; day++) {
        const at = new Date(Date.parse('2026-06-15T08:00:00Z') - day * 86_400_000);
        one!.spend({ at, cost: '0.1', model: MODEL });
        two!.spend({ at, cost: '0.2', model: day % 2 ? MODEL : OTHER });
      }
      one!.spend({ cost: '0.3' });
      two!.spend({ cost: '0.4' });
      return { one: one!, two: two!, ids, id };
    };

    it('killed after any number of steps, comes to the same in the next run', async () => {
      const { one, two, ids, id } = await bigAccount();
      let isKilled = true;
      for (let steps = 0; isKilled; steps++) {
        isKilled = false;
        let left = steps;
        const stillOurs = async () => {
          isKilled ||= left === 0;
          if (left-- <= 0) throw new Error('killed');
        };
        await world.sync({ ...ATTENDED_RUN, stillOurs }).catch(() => {});
        world.clock.advance(60);
        one.spend({ cost: '0.000000001' });
      }
      await world.sync();
      expect(await world.costs(id)).toEqual(trueCosts(one));
      const discovered = (await ids()).find((other) => other !== id);
      expect(await world.costs(discovered!)).toEqual(trueCosts(two));
    });

    it('cut off from OpenRouter after any number of calls, comes to the same in the next run', async () => {
      const { one, two, ids, id } = await bigAccount();
      for (let calls = 0; calls < 12; calls++) {
        const heal = world.simulator.fail(faults.reset(), { after: calls });
        await world.sync();
        heal();
        world.clock.advance(60);
        two.spend({ cost: '0.000000001' });
      }
      await world.sync();
      expect(await world.costs(id)).toEqual(trueCosts(one));
      expect(await world.costs((await ids()).find((other) => other !== id)!)).toEqual(trueCosts(two));
    });

    it('run several times at once, books everything once', async () => {
      const { one, two, ids, id } = await bigAccount();
      await Promise.all([world.sync(), world.sync(), world.sync()]);
      one.spend({ cost: '0.000000007' });
      world.clock.advance(60);
      await Promise.all([world.sync(), world.sync(), world.sync()]);
      expect(await world.keys(userId)).toHaveLength(3);
      expect(await world.costs(id)).toEqual(trueCosts(one));
      expect(await world.costs((await ids()).find((other) => other !== id)!)).toEqual(trueCosts(two));
    });

    it('stops when it is told to', async () => {
      await newKey();
      const stopped = { ...ATTENDED_RUN, signal: AbortSignal.abort(new Error('The service stops.')) };
      await expect(world.sync(stopped)).rejects.toThrow('The service stops.');
      expect(world.simulator.calls).toHaveLength(0);
    });
  });

  it('lets one bad key not stop the others', async () => {
    const bad = await newKey();
    const unreadable = await newKey();
    const good = await newKey();
    good.key.spend({ cost: '1' });
    world.simulator.fail(faults.serverError(), { path: '/key', key: bad.key });
    await world.sql(`update api_keys set sealed_secret = 'broken' where id = ${unreadable.id} returning id`);
    expect(await world.sync()).toMatchObject({ keys: 3, synced: 1, failed: 2 });
    expect(await world.costs(good.id)).toEqual({ '2026-06-15': 1_000_000_000n });
    expect(world.app.logs.join()).not.toContain(bad.key.secret);
  });

  it('leaves keys alone that are switched off or dead', async () => {
    const off = await newKey();
    const dead = await newKey();
    await world.sql(`update api_keys set is_switched_on = false where id = ${off.id} returning id`);
    await world.sql(`update api_keys set status = 'rejected' where id = ${dead.id} returning id`);
    expect(await world.sync()).toMatchObject({ keys: 0 });
    expect(world.simulator.calls).toHaveLength(0);
  });

  it('starts anew with the counters of another secret', async () => {
    const { key, id } = await newKey();
    key.spend({ cost: '5' });
    await world.sync();
    const replacement = world.simulator.account().key();
    replacement.spend({ at: '2026-06-01T00:00:00Z', cost: '1' });
    replacement.spend({ cost: '0.5' });
    await world.replaceSecret(id, replacement);
    await world.syncAt('2026-06-15T11:00:00Z');
    replacement.spend({ cost: '0.25' });
    await world.syncAt('2026-06-15T12:00:00Z');
    expect(await world.costs(id)).toEqual({ '2026-06-15': 5_750_000_000n });
  });
});
