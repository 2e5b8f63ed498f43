import { beforeEach, describe, expect, it } from 'vitest';
import { type KeyWorld, newKeyWorld } from '../../../test/support/key-world.ts';
import type { KeyAnswer } from '../../open-router/open-router.port.js';
import { NotFound, NotYours, TooManyRequests } from '../../shared/errors.js';
import { NoSecret, SecretUnreadable } from '../keeping/key-vault.js';
import { KeyChangedMeanwhile } from './validate-key.use-case.js';

const UNREACHABLE: KeyAnswer = { outcome: 'unreachable', detail: 'Time-out.', retryAfterSeconds: 60 };
const ALICE = 1;

describe('checking a key now', () => {
  let world: KeyWorld;
  beforeEach(() => void (world = newKeyWorld()));

  it('stores what OpenRouter says', async () => {
    const key = world.storedKey('secret', { status: 'unverified' });
    world.openRouter.knows('secret', { limit: 5n, limitRemaining: 0n });
    expect(await world.validateKey.execute(ALICE, key.id)).toMatchObject({ status: 'limit_reached', limit: 5n });
    expect(key.lastValidatedAt).toEqual(world.clock.now());
  });

  it('believes a refusal that came twice, and tells so once', async () => {
    const key = world.storedKey('secret');
    expect(await world.validateKey.execute(ALICE, key.id)).toMatchObject({ status: 'rejected', isActive: false });
    await world.validateKey.execute(ALICE, key.id);
    expect(await world.notifications.countUnread(ALICE)).toBe(1);
    expect(world.pause.made).toEqual([1000, 1000]);
  });

  it('does not believe a refusal that could not be confirmed', async () => {
    const key = world.storedKey('secret');
    world.openRouter.meanwhile = () => {
      if (world.openRouter.asked.length === 2) world.openRouter.answers('secret', UNREACHABLE);
    };
    expect(await world.validateKey.execute(ALICE, key.id)).toMatchObject({ status: 'valid', isActive: true });
  });

  it('keeps the last status when OpenRouter cannot be reached, with the time it was learnt', async () => {
    const key = world.storedKey('secret');
    world.openRouter.knows('secret');
    await world.validateKey.execute(ALICE, key.id);
    const learnt = key.lastValidatedAt;
    world.clock.advance(3600);
    world.openRouter.answers('secret', UNREACHABLE);
    expect(await world.validateKey.execute(ALICE, key.id)).toMatchObject({ status: 'valid', lastValidatedAt: learnt });
  });

  it('says what to do about a key without a secret', async () => {
    await expect(world.validateKey.execute(ALICE, world.discoveredKey().id)).rejects.toThrow(NoSecret);
  });

  it('fails closed, and raises the alarm, when the secret cannot be read', async () => {
    const [swapped, other] = [world.storedKey('one'), world.storedKey('two')];
    swapped.sealedSecret = other.sealedSecret;
    world.openRouter.knows('two');
    await expect(world.validateKey.execute(ALICE, swapped.id)).rejects.toThrow(SecretUnreadable);
    expect(world.openRouter.asked).toEqual([]);
    expect(world.logs.join()).toContain('"alarm":"secret_unreadable","api_key_id":1');
    expect(await world.validateKey.execute(ALICE, other.id)).toMatchObject({ status: 'valid' });
  });

  it('does not judge a secret by the answer about the one before', async () => {
    const key = world.storedKey('old');
    world.openRouter.meanwhile = () => world.vault.put(key, 'new');
    await expect(world.validateKey.execute(ALICE, key.id)).rejects.toThrow(KeyChangedMeanwhile);
    expect(key.status).toBe('unverified');
  });

  it('is for the owner alone', async () => {
    const key = world.storedKey('secret', { userId: 2 });
    await expect(world.validateKey.execute(ALICE, key.id)).rejects.toThrow(NotYours);
    await expect(world.validateKey.execute(ALICE, 99)).rejects.toThrow(NotFound);
    expect(world.openRouter.asked).toEqual([]);
  });

  it('is possible thirty times a minute', async () => {
    const key = world.storedKey('secret');
    world.openRouter.knows('secret');
    for (let time = 0; time < 30; time++) await world.validateKey.execute(ALICE, key.id);
    await expect(world.validateKey.execute(ALICE, key.id)).rejects.toThrow(TooManyRequests);
    world.clock.advance(60);
    expect(await world.validateKey.execute(ALICE, key.id)).toMatchObject({ status: 'valid' });
  });
});
