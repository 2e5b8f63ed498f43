import { beforeEach, describe, expect, it } from 'vitest';
import { keyFacts } from '../../../test/fakes/open-router.fake.ts';
import { type KeyWorld, newKeyWorld } from '../../../test/support/key-world.ts';
import type { KeyAnswer } from '../../open-router/open-router.port.js';
import { TooManyRequests, Unprocessable } from '../../shared/errors.js';
import { fingerprint } from '../../shared/secrets/secret.js';
import { KeyAlreadyRegistered, KeyLimitReached } from './key-intake.js';

const SECRET = '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';
const UNREACHABLE: KeyAnswer = { outcome: 'unreachable', detail: 'Time-out.', retryAfterSeconds: null };
const ALICE = 1;
const BOB = 2;

describe('adding a key', () => {
  let world: KeyWorld;
  beforeEach(() => void (world = newKeyWorld({ MAX_API_KEYS_PER_USER: '3' })));

  it('stores what OpenRouter tells of it, the secret sealed', async () => {
    world.openRouter.knows(SECRET, { usage: 5n, limit: 9n, limitRemaining: 4n, limitReset: 'daily' });
    const key = await world.addKey.execute(ALICE, 'Website', ` "${SECRET}"\n`);
    expect(key).toMatchObject({ name: 'Website', kind: 'standard', status: 'valid', usageTotal: 5n, limit: 9n });
    expect(key.sealedSecret).not.toContain(SECRET.slice(9, 20));
    expect(world.vault.open(key)).toBe(SECRET);
    expect(world.audit.events).toEqual([{ action: 'key.added', target: `key:${key.id}` }]);
  });

  it('finds out that it is a management key', async () => {
    world.openRouter.manages(SECRET);
    expect(await world.addKey.execute(ALICE, 'Boss', SECRET)).toMatchObject({ kind: 'management' });
  });

  it('refuses a key that OpenRouter refuses twice', async () => {
    await expect(world.addKey.execute(ALICE, 'Dead', SECRET)).rejects.toThrow(Unprocessable);
    expect(world.openRouter.asked).toHaveLength(2);
    expect(world.pause.made).toEqual([1000]);
    expect(await world.keys.listOf(ALICE)).toEqual([]);
    expect(world.audit.events).toEqual([]);
  });

  it('makes a new one when the discovered key is removed at this moment', async () => {
    const found = world.discoveredKey({ openRouterHash: fingerprint(SECRET) });
    world.openRouter.knows(SECRET);
    const { findToChange } = world.keys;
    world.keys.findToChange = async (id) => {
      world.keys.remove(found);
      return findToChange.call(world.keys, id);
    };
    const key = await world.addKey.execute(ALICE, 'Mine', SECRET);
    expect(key.id).not.toBe(found.id);
    expect(await world.keys.find(key.id)).toBe(key);
  });

  it('is no place for trying out other keys: only so many may be pasted a minute', async () => {
    const paste = (user: number, index: number) => world.addKey.execute(user, 'Mine?', `sk-or-v1-${index}`);
    world.pause.for = async () => {};
    const guesses = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => paste(ALICE, index)));
    const tooMany = guesses.filter((guess) => guess.status === 'rejected' && guess.reason instanceof TooManyRequests);
    expect(tooMany).toHaveLength(7);
    expect(world.openRouter.asked).toHaveLength(2 * 33);
    world.openRouter.knows('sk-or-v1-bob');
    await world.addKey.execute(BOB, 'Mine', 'sk-or-v1-bob');
    world.clock.advance(60);
    await expect(paste(ALICE, 41)).rejects.toThrow(Unprocessable);
  });

  it('says of an expired key that it is expired', async () => {
    world.openRouter.answers(SECRET, { outcome: 'refused', expired: true, detail: '' });
    await expect(world.addKey.execute(ALICE, 'Old', SECRET)).rejects.toThrow('expired');
    expect(world.openRouter.asked).toHaveLength(1);
  });

  it('takes a key that was refused by mistake the first time', async () => {
    world.openRouter.meanwhile = () => {
      if (world.openRouter.asked.length === 2) world.openRouter.knows(SECRET);
    };
    expect(await world.addKey.execute(ALICE, 'Fine', SECRET)).toMatchObject({ status: 'valid', refusedAt: null });
  });

  it('keeps a key as unverified when the refusal cannot be confirmed', async () => {
    world.openRouter.meanwhile = () => {
      if (world.openRouter.asked.length === 2) world.openRouter.answers(SECRET, UNREACHABLE);
    };
    const key = await world.addKey.execute(ALICE, 'Who knows', SECRET);
    expect(key).toMatchObject({ status: 'unverified', lastValidatedAt: null });
    expect(key.refusedAt).not.toBeNull();
  });

  it.each([
    [UNREACHABLE, 'unverified'],
    [{ outcome: 'unclear', detail: 'HTML.' }, 'unverified'],
    [{ outcome: 'blocked', detail: 'Not from here.' }, 'blocked'],
    [{ outcome: 'no_credit', detail: 'No credit.' }, 'limit_reached'],
  ] satisfies [KeyAnswer, string][])('keeps a key about which OpenRouter says $0.outcome', async (answer, status) => {
    world.openRouter.answers(SECRET, answer);
    expect(await world.addKey.execute(ALICE, 'Key', SECRET)).toMatchObject({ status, isActive: true });
  });

  it('refuses a key the second time, and does not ask OpenRouter again', async () => {
    world.openRouter.knows(SECRET);
    await world.addKey.execute(ALICE, 'One', SECRET);
    await expect(world.addKey.execute(ALICE, 'Two', `Bearer ${SECRET}`)).rejects.toThrow(KeyAlreadyRegistered);
    expect(world.openRouter.asked).toHaveLength(1);
  });

  it('lets two people keep the same key', async () => {
    world.openRouter.knows(SECRET);
    await world.addKey.execute(ALICE, 'Hers', SECRET);
    expect(await world.addKey.execute(BOB, 'His', SECRET)).toMatchObject({ userId: BOB });
  });

  it('refuses one key too many, and does not ask OpenRouter about it; discovered keys do not count', async () => {
    world.discoveredKey();
    for (const secret of ['a', 'b', 'c', 'd']) world.openRouter.knows(secret);
    for (const secret of ['a', 'b', 'c']) await world.addKey.execute(ALICE, secret, secret);
    await expect(world.addKey.execute(ALICE, 'd', 'd')).rejects.toThrow(KeyLimitReached);
    expect(world.openRouter.asked).toHaveLength(3);
  });

  it('keeps the limit however many keys come at once', async () => {
    const secrets = Array.from({ length: 20 }, (_, index) => `secret-${index}`);
    for (const secret of secrets) world.openRouter.knows(secret);
    const results = await Promise.allSettled(secrets.map((secret) => world.addKey.execute(ALICE, secret, secret)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await world.keys.countRegistered(ALICE)).toBe(3);
  });
});

describe('adding a key that a management key has shown', () => {
  const label = 'sk-or-v1-0e6...1c96';
  let world: KeyWorld;
  beforeEach(() => {
    world = newKeyWorld();
    world.openRouter.knows(SECRET, { label, usage: 5n });
  });

  it('makes it the registered one, by its label and its usage', async () => {
    const found = world.discoveredKey({ label, usageTotal: 5n, openRouterHash: 'f'.repeat(64), managedById: 99 });
    const key = await world.addKey.execute(ALICE, 'Mine', SECRET);
    expect(key).toMatchObject({ id: found.id, name: 'Mine', kind: 'standard', managedById: 99, usageTotal: 5n });
    expect(key.openRouterHash).toBe('f'.repeat(64));
    expect(world.vault.open(key)).toBe(SECRET);
    expect(await world.keys.listOf(ALICE)).toHaveLength(1);
  });

  it('knows it by the hash of the secret, even when OpenRouter cannot be asked', async () => {
    world.openRouter.answers(SECRET, UNREACHABLE);
    const found = world.discoveredKey({ openRouterHash: fingerprint(SECRET) });
    expect((await world.addKey.execute(ALICE, 'Mine', SECRET)).id).toBe(found.id);
  });

  it('knows it by the ends that its label shows, when OpenRouter cannot be asked', async () => {
    world.openRouter.answers(SECRET, UNREACHABLE);
    const found = world.discoveredKey({ label });
    expect((await world.addKey.execute(ALICE, 'Mine', SECRET)).id).toBe(found.id);
  });

  it('lets it count as registered', async () => {
    const full = newKeyWorld({ MAX_API_KEYS_PER_USER: '0' });
    full.openRouter.answers(SECRET, { outcome: 'known', facts: keyFacts({ label }) });
    full.discoveredKey({ label });
    await expect(full.addKey.execute(ALICE, 'Mine', SECRET)).rejects.toThrow(KeyLimitReached);
  });

  it.each([
    ['of somebody else', { userId: BOB, label }],
    ['with another label', { label: 'sk-or-v1-aaa...bbbb' }],
    ['that has used more than this one ever did', { label, usageTotal: 6n }],
  ])('leaves a key alone %s', async (_, changes) => {
    const found = world.discoveredKey(changes);
    const key = await world.addKey.execute(ALICE, 'Mine', SECRET);
    expect(key.id).not.toBe(found.id);
    expect(found.kind).toBe('discovered');
  });

  it('leaves two keys alone that both look like it', async () => {
    const twins = [world.discoveredKey({ label }), world.discoveredKey({ label })];
    const key = await world.addKey.execute(ALICE, 'Mine', SECRET);
    expect(twins.map(({ id }) => id)).not.toContain(key.id);
  });
});
