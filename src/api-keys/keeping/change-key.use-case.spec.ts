import { beforeEach, describe, expect, it } from 'vitest';
import { type KeyWorld, newKeyWorld } from '../../../test/support/key-world.ts';
import type { KeyAnswer } from '../../open-router/open-router.port.js';
import { NotFound, NotYours, Unprocessable } from '../../shared/errors.js';
import { KeyAlreadyRegistered, KeyLimitReached } from './key-intake.js';

const OLD = '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';
const NEW = 'sk-or-v1-9999999999999999999999999999999999999999999999999999999999999999';
const UNREACHABLE: KeyAnswer = { outcome: 'unreachable', detail: 'Time-out.', retryAfterSeconds: null };
const ALICE = 1;

describe('changing a key', () => {
  let world: KeyWorld;
  beforeEach(() => void (world = newKeyWorld({ MAX_API_KEYS_PER_USER: '1' })));

  it('changes only what is given', async () => {
    const key = world.storedKey(OLD);
    const { sealedSecret } = key;
    await world.changeKey.execute(ALICE, key.id, { isSwitchedOn: false });
    expect(key).toMatchObject({ name: 'Key', isSwitchedOn: false, isActive: false, sealedSecret });
    await world.changeKey.execute(ALICE, key.id, { name: 'New name' });
    expect(key).toMatchObject({ name: 'New name', isSwitchedOn: false, sealedSecret });
    expect(world.openRouter.asked).toEqual([]);
  });

  it('refuses to change nothing', async () => {
    const key = world.storedKey(OLD);
    await expect(world.changeKey.execute(ALICE, key.id, {})).rejects.toThrow(Unprocessable);
  });

  it('does not bring a dead key back by switching it on', async () => {
    const key = world.storedKey(OLD, { status: 'rejected', isSwitchedOn: false });
    await world.changeKey.execute(ALICE, key.id, { isSwitchedOn: true });
    expect(key).toMatchObject({ status: 'rejected', isActive: false });
  });

  it('forgets with the old secret all that was known of it', async () => {
    const key = world.storedKey(OLD, {
      status: 'rejected',
      usageTotal: 7n,
      expiresAt: world.clock.now(),
      openRouterHash: 'a'.repeat(64),
      managedById: 3,
    });
    world.openRouter.answers(NEW, UNREACHABLE);
    await world.changeKey.execute(ALICE, key.id, { pasted: NEW });
    expect(key).toMatchObject({ status: 'unverified', usageTotal: 0n, expiresAt: null, openRouterHash: null });
    expect(key).toMatchObject({ managedById: null, lastValidatedAt: null, isActive: true });
    expect(world.vault.open(key)).toBe(NEW);
    expect(world.audit.events).toEqual([{ action: 'key.replaced', target: `key:${key.id}` }]);
  });

  it('keeps what is known when the same secret is entered again', async () => {
    const key = world.storedKey(OLD, { openRouterHash: 'a'.repeat(64), status: 'rejected' });
    world.openRouter.knows(OLD, { usage: 9n });
    await world.changeKey.execute(ALICE, key.id, { pasted: OLD });
    expect(key).toMatchObject({ openRouterHash: 'a'.repeat(64), status: 'valid', usageTotal: 9n });
  });

  it('keeps the old secret when OpenRouter refuses the new one', async () => {
    const key = world.storedKey(OLD);
    await expect(world.changeKey.execute(ALICE, key.id, { pasted: NEW, name: 'Other' })).rejects.toThrow(Unprocessable);
    expect(key).toMatchObject({ name: 'Key', status: 'valid' });
    expect(world.vault.open(key)).toBe(OLD);
  });

  it('refuses a secret that another key of the user has, without asking OpenRouter', async () => {
    const key = world.storedKey(OLD);
    world.storedKey(NEW);
    await expect(world.changeKey.execute(ALICE, key.id, { pasted: NEW })).rejects.toThrow(KeyAlreadyRegistered);
    expect(world.openRouter.asked).toEqual([]);
  });

  it('makes a discovered key a registered one by its own secret', async () => {
    const key = world.discoveredKey({ label: 'sk-or-v1-0e6...1c96', usageTotal: 5n, openRouterHash: 'a'.repeat(64) });
    world.openRouter.knows(OLD, { usage: 6n });
    await world.changeKey.execute(ALICE, key.id, { pasted: OLD });
    expect(key).toMatchObject({ kind: 'standard', usageTotal: 6n, openRouterHash: 'a'.repeat(64), status: 'valid' });
  });

  it('refuses the secret of another key for a discovered one', async () => {
    const key = world.discoveredKey({ label: 'sk-or-v1-0e6...1c96' });
    world.openRouter.knows(NEW, { label: 'sk-or-v1-999...9999' });
    await expect(world.changeKey.execute(ALICE, key.id, { pasted: NEW })).rejects.toThrow(Unprocessable);
    expect(key).toMatchObject({ kind: 'discovered', sealedSecret: null });
  });

  it('counts a discovered key that becomes a registered one', async () => {
    world.storedKey(NEW);
    const key = world.discoveredKey({ label: 'sk-or-v1-0e6...1c96' });
    await expect(world.changeKey.execute(ALICE, key.id, { pasted: OLD })).rejects.toThrow(KeyLimitReached);
  });

  it('is for its owner alone', async () => {
    const key = world.storedKey(OLD, { userId: 2 });
    await expect(world.changeKey.execute(ALICE, key.id, { name: 'Mine' })).rejects.toThrow(NotYours);
    await expect(world.changeKey.execute(ALICE, 999, { name: 'Mine' })).rejects.toThrow(NotFound);
    expect(key.name).toBe('Key');
  });

  it('finds out when the key was removed while OpenRouter was asked', async () => {
    const key = world.storedKey(OLD);
    world.openRouter.knows(NEW);
    world.openRouter.meanwhile = () => world.keys.remove(key);
    await expect(world.changeKey.execute(ALICE, key.id, { pasted: NEW })).rejects.toThrow(NotFound);
  });
});
