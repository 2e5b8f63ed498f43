import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiKey } from '../../src/api-keys/api-key.entity.js';
import { type ApiKeyPage, ApiKeyRepository } from '../../src/api-keys/api-key.repository.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { MemoryApiKeyRepository } from '../fakes/api-key.repository.memory.ts';
import { startApp } from '../support/app.ts';
import { newPerson } from '../support/people.ts';
import { Place, PLACES } from '../support/place.ts';
import { DIALECTS } from '../support/services.ts';

const NOON = new Date('2026-06-15T12:00:00.000Z');

describe.each(PLACES)('the repository of keys in %s', (where) => {
  let place: Place;
  let keys: ApiKeyRepository;
  let unitOfWork: UnitOfWork;
  /** Two people of each test, who have no keys yet. */
  let ada: number;
  let bob: number;

  beforeAll(async () => void (place = await Place.open(where)));
  afterAll(() => place[Symbol.asyncDispose]());
  beforeEach(async () => {
    keys = place.keeper(ApiKeyRepository, MemoryApiKeyRepository);
    unitOfWork = place.unitOfWork;
    [ada, bob] = [await place.newUser(), await place.newUser()];
  });

  /** Stores a key and returns its id. */
  function store(userId: number, name: string, changes: Partial<ApiKey> = {}): Promise<number> {
    return unitOfWork.run(async () => {
      const key = Object.assign(new ApiKey(userId, name, 'standard', NOON), changes);
      keys.add(key);
      await keys.flush();
      return key.id;
    });
  }

  const find = (id: number) => unitOfWork.run(() => keys.find(id));

  async function names(page: Partial<ApiKeyPage>): Promise<string[]> {
    const whole = { skip: 0, limit: 100, sort: 'created_at', order: 'asc', ...page } as const;
    const { items } = await unitOfWork.run(() => keys.page(ada, whole));
    return items.map(({ name }) => name);
  }

  it('gives back every field as it was stored', async () => {
    const fields: Partial<ApiKey> = {
      sealedSecret: 'v1.k.body',
      secretHash: 'a'.repeat(64),
      status: 'limit_reached',
      statusDetail: 'Its limit is used up.',
      isSwitchedOn: false,
      label: 'sk-or-v1-0e6...1c96',
      openRouterHash: 'b'.repeat(64),
      workspaceId: 'c0ffee',
      limit: 9_000_000_000_000_000_001n,
      limitRemaining: -1n,
      limitReset: 'weekly',
      expiresAt: new Date('2027-01-01T00:00:00.001Z'),
      usageTotal: 123_456_789_012_345_678n,
      accountCredits: 5n,
      accountUsage: 6n,
      lastUsedAt: new Date('2026-06-01T00:00:00.002Z'),
      lastValidatedAt: new Date('2026-06-01T00:00:00.003Z'),
      lastSyncedAt: new Date('2026-06-01T00:00:00.004Z'),
      refusedAt: new Date('2026-06-01T00:00:00.005Z'),
      unreachableSince: new Date('2026-06-01T00:00:00.006Z'),
    };
    const managedById = await store(ada, 'Boss');
    const id = await store(ada, 'Schlüssel 🔑', { ...fields, managedById });
    expect(await find(id)).toMatchObject({ id, name: 'Schlüssel 🔑', createdAt: NOON, ...fields, managedById });
  });

  it('stores what is changed within a unit of work', async () => {
    const id = await store(ada, 'Old');
    await unitOfWork.run(async () => {
      (await keys.findToChange(id))!.name = 'New';
    });
    expect(await find(id)).toMatchObject({ name: 'New' });
  });

  it('forgets what is removed', async () => {
    const id = await store(ada, 'Gone');
    await unitOfWork.run(async () => keys.remove((await keys.find(id))!));
    expect(await find(id)).toBeNull();
    expect(await unitOfWork.run(() => keys.findToChange(id))).toBeNull();
  });

  it('finds no key that was retired, until that is discarded', async () => {
    const [kept, gone] = [await store(ada, 'Kept'), await store(ada, 'Gone', { secretHash: 'f'.repeat(64) })];
    await unitOfWork.run(async () => (await keys.findToChange(gone))!.retire(NOON));
    expect(await find(gone)).toBeNull();
    expect(await unitOfWork.run(() => keys.findToChange(gone))).toBeNull();
    expect(await unitOfWork.run(() => keys.findBySecretHash(ada, 'f'.repeat(64)))).toBeNull();
    expect(await unitOfWork.run(() => keys.countRegistered(ada))).toBe(1);
    expect(await names({})).toEqual(['Kept']);
    expect((await unitOfWork.run(() => keys.listOf(ada))).map(({ id }) => id)).toEqual([kept]);
    const stored = () => unitOfWork.run(() => keys.listRemovedIds());
    expect(await stored()).toContain(gone);
    await unitOfWork.run(() => keys.discard(kept));
    await unitOfWork.run(() => keys.discard(gone));
    expect(await stored()).not.toContain(gone);
    expect(await find(kept)).not.toBeNull();
  });

  it('finds a secret among the keys of one user', async () => {
    const id = await store(ada, 'Hers', { secretHash: 'd'.repeat(64) });
    await store(bob, 'His', { secretHash: 'd'.repeat(64) });
    const findHash = (userId: number, hash: string) => unitOfWork.run(() => keys.findBySecretHash(userId, hash));
    expect(await findHash(ada, 'd'.repeat(64))).toMatchObject({ id, name: 'Hers' });
    expect(await findHash(bob, 'd'.repeat(64))).toMatchObject({ name: 'His' });
    expect(await findHash(ada, 'e'.repeat(64))).toBeNull();
  });

  it('counts registered keys, not discovered ones', async () => {
    await store(ada, 'One');
    await store(ada, 'Two', { kind: 'management' });
    await store(ada, 'Three', { kind: 'discovered' });
    await store(bob, 'Four');
    expect(await unitOfWork.run(() => keys.countRegistered(ada))).toBe(2);
    expect((await unitOfWork.run(() => keys.listOf(ada))).map(({ name }) => name).toSorted()).toEqual([
      'One',
      'Three',
      'Two',
    ]);
  });

  it('lists the ids of keys that are switched on and have a secret, lowest first', async () => {
    const one = await store(ada, 'One', { sealedSecret: 'x' });
    await store(ada, 'Off', { sealedSecret: 'x', isSwitchedOn: false });
    await store(ada, 'Found', { kind: 'discovered' });
    const two = await store(bob, 'Two', { sealedSecret: 'x' });
    const listed = await unitOfWork.run(() => keys.listIdsWithSecret());
    expect(listed.filter((id) => id >= one)).toEqual([one, two]);
  });

  it('sorts names by their bytes, capitals as small letters', async () => {
    for (const name of ['b', 'ä', 'B', 'a', 'Z', '_', 'A', '1', '🔑', 'Ä', 'aa']) await store(ada, name);
    const ascending = ['1', '_', 'a', 'A', 'aa', 'b', 'B', 'Z', 'Ä', 'ä', '🔑'];
    expect(await names({ sort: 'name' })).toEqual(ascending);
    expect(await names({ sort: 'name', order: 'desc' })).toEqual(ascending.toReversed());
  });

  it('sorts by each other field, unknown last, ties by id', async () => {
    const later = new Date(NOON.getTime() + 1);
    await store(ada, 'first', { usageTotal: 10n, lastUsedAt: later });
    await store(ada, 'second', { usageTotal: 9n, lastUsedAt: null });
    await store(ada, 'third', { usageTotal: 10n, lastUsedAt: NOON });
    await store(ada, 'fourth', { usageTotal: 100n, lastUsedAt: null });
    const both = async (sort: ApiKeyPage['sort']) => [await names({ sort }), await names({ sort, order: 'desc' })];
    expect(await both('created_at')).toEqual([
      ['first', 'second', 'third', 'fourth'],
      ['fourth', 'third', 'second', 'first'],
    ]);
    expect(await both('total_cost')).toEqual([
      ['second', 'first', 'third', 'fourth'],
      ['fourth', 'third', 'first', 'second'],
    ]);
    expect(await both('last_used_at')).toEqual([
      ['third', 'first', 'second', 'fourth'],
      ['first', 'third', 'fourth', 'second'],
    ]);
  });

  it('shows a page, of how many', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await store(ada, name);
    await store(bob, 'z');
    expect(await names({ sort: 'name', skip: 1, limit: 2 })).toEqual(['b', 'c']);
    expect(await names({ sort: 'name', skip: 5 })).toEqual([]);
    const page = await unitOfWork.run(() => keys.page(ada, { skip: 4, limit: 3, sort: 'name', order: 'asc' }));
    expect(page).toMatchObject({ total: 5, items: [{ name: 'e' }] });
  });
});

describe.each(DIALECTS)('a key that is found to be changed on %s', (dialect) => {
  it('is locked: who comes second sees what the first has made of it', async () => {
    await using app = await startApp({ dialect });
    const keys = app.nest.get(ApiKeyRepository, { strict: false });
    const unitOfWork = app.nest.get(UnitOfWork, { strict: false });
    const person = await newPerson(app, 'ada@example.org');
    const id = await unitOfWork.run(async () => {
      const key = new ApiKey(person.id, 'Key', 'standard', NOON);
      keys.add(key);
      await keys.flush();
      return key.id;
    });
    const spend = () =>
      unitOfWork.run(async () => {
        const key = (await keys.findToChange(id))!;
        key.usageTotal += 1n;
      });
    await Promise.all(Array.from({ length: 10 }, spend));
    expect(await unitOfWork.run(() => keys.find(id))).toMatchObject({ usageTotal: 10n });
  });
});
