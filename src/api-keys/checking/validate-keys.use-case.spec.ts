import { beforeEach, describe, expect, it } from 'vitest';
import { type KeyWorld, newKeyWorld } from '../../../test/support/key-world.ts';
import type { KeyAnswer } from '../../open-router/open-router.port.js';
import { ATTENDED_RUN, type TaskRun } from '../../shared/task-run.js';

const REFUSED: KeyAnswer = { outcome: 'refused', expired: false, detail: '' };
const UNREACHABLE: KeyAnswer = { outcome: 'unreachable', detail: '', retryAfterSeconds: null };
const ALICE = 1;

describe('the daily validation', () => {
  let world: KeyWorld;
  beforeEach(() => void (world = newKeyWorld()));

  it('asks about every key with a secret that is switched on, and counts the answers', async () => {
    const answers: Record<string, KeyAnswer> = {
      blocked: { outcome: 'blocked', detail: '' },
      expired: { outcome: 'refused', expired: true, detail: '' },
      html: { outcome: 'unclear', detail: '' },
      poor: { outcome: 'no_credit', detail: '' },
      silent: UNREACHABLE,
    };
    world.openRouter.knows('good');
    for (const secret of ['good', ...Object.keys(answers)]) world.storedKey(secret);
    for (const [secret, answer] of Object.entries(answers)) world.openRouter.answers(secret, answer);
    world.storedKey('off', { isSwitchedOn: false });
    world.discoveredKey();
    expect(await world.validateKeys.execute(ATTENDED_RUN)).toEqual({
      checked: 6,
      valid: 2,
      refused: 1,
      blocked: 1,
      unreachable: 2,
      failed: 0,
    });
    const statuses = (await world.keys.listOf(ALICE)).map(({ status }) => status);
    expect(statuses).toEqual(['valid', 'blocked', 'expired', 'valid', 'limit_reached', 'valid', 'valid', 'valid']);
    expect(world.pause.made).toEqual([]);
  });

  it('believes a refusal that is repeated minutes later', async () => {
    const key = world.storedKey('secret');
    world.openRouter.answers('secret', REFUSED);
    expect(await world.validateKeys.execute(ATTENDED_RUN)).toMatchObject({ checked: 1, refused: 1 });
    expect(world.pause.made).toEqual([120_000]);
    expect(key.status).toBe('rejected');
    expect(await world.notifications.countUnread(ALICE)).toBe(1);
  });

  it('does not believe a refusal that is gone minutes later', async () => {
    const key = world.storedKey('secret');
    world.openRouter.answers('secret', REFUSED);
    world.openRouter.meanwhile = () => {
      if (world.pause.made.length > 0) world.openRouter.knows('secret');
    };
    expect(await world.validateKeys.execute(ATTENDED_RUN)).toMatchObject({ checked: 1, valid: 1, refused: 0 });
    expect(key).toMatchObject({ status: 'valid', refusedAt: null });
    expect(await world.notifications.countUnread(ALICE)).toBe(0);
  });

  it('keeps a refusal for the next time when the second question finds nobody', async () => {
    const key = world.storedKey('secret');
    world.openRouter.answers('secret', REFUSED);
    world.openRouter.meanwhile = () => {
      if (world.pause.made.length > 0) world.openRouter.answers('secret', UNREACHABLE);
    };
    await world.validateKeys.execute(ATTENDED_RUN);
    expect(key.status).toBe('valid');
    expect(key.refusedAt).not.toBeNull();
  });

  it('asks again after a while when OpenRouter asked for as much patience, and not sooner than it may', async () => {
    world.storedKey('soon');
    world.storedKey('late');
    world.openRouter.answers('soon', { ...UNREACHABLE, retryAfterSeconds: 120 });
    world.openRouter.answers('late', { ...UNREACHABLE, retryAfterSeconds: 121 });
    world.openRouter.meanwhile = () => {
      if (world.pause.made.length > 0) world.openRouter.knows('soon');
    };
    expect(await world.validateKeys.execute(ATTENDED_RUN)).toMatchObject({ checked: 2, valid: 1, unreachable: 1 });
    expect(world.openRouter.asked.map(({ secret }) => secret)).toEqual(['soon', 'late', 'soon']);
  });

  it('takes a first refusal for a first one, even in the second round', async () => {
    const key = world.storedKey('secret');
    world.openRouter.answers('secret', { ...UNREACHABLE, retryAfterSeconds: 1 });
    world.openRouter.meanwhile = () => {
      if (world.pause.made.length > 0) world.openRouter.answers('secret', REFUSED);
    };
    await world.validateKeys.execute(ATTENDED_RUN);
    expect(key.status).toBe('valid');
  });

  it('goes on when one key fails', async () => {
    const [broken, , other] = [world.storedKey('broken'), world.storedKey('fails'), world.storedKey('good')];
    broken.sealedSecret = `${broken.sealedSecret!.slice(0, -4)}AAAA`;
    world.openRouter.knows('good');
    world.openRouter.meanwhile = () => {
      if (world.openRouter.asked.at(-1)!.secret === 'fails') throw new Error('a bug');
    };
    expect(await world.validateKeys.execute(ATTENDED_RUN)).toMatchObject({
      checked: 3,
      valid: 1,
      unreachable: 1,
      failed: 1,
    });
    expect(other.lastValidatedAt).toEqual(world.clock.now());
    expect(broken.unreachableSince).toEqual(world.clock.now());
    expect(world.logs.join()).toContain('secret_unreadable');
    expect(world.logs.join()).toContain('a bug');
  });

  it('asks about four keys at a time', async () => {
    let now = 0;
    let most = 0;
    world.openRouter.meanwhile = async () => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now--;
    };
    for (let index = 0; index < 20; index++) {
      world.storedKey(`secret-${index}`);
      world.openRouter.knows(`secret-${index}`);
    }
    expect(await world.validateKeys.execute(ATTENDED_RUN)).toMatchObject({ checked: 20, valid: 20 });
    expect(most).toBe(4);
  });

  it('stops when it is told to, and takes what came too late for no answer', async () => {
    const keys = Array.from({ length: 20 }, (_, index) => world.storedKey(`secret-${index}`));
    const stop = new AbortController();
    world.openRouter.meanwhile = () => {
      if (world.openRouter.asked.length === 3) stop.abort();
    };
    await world.validateKeys.execute({ ...ATTENDED_RUN, signal: stop.signal });
    expect(world.openRouter.asked.length).toBeLessThan(8);
    expect(keys.every(({ unreachableSince }) => unreachableSince === null)).toBe(true);
    expect(world.logs).toEqual([]);
  });

  it('writes nothing, and asks nobody, once another instance has taken the run over', async () => {
    const key = world.storedKey('secret');
    const lost: TaskRun = { ...ATTENDED_RUN, stillOurs: () => Promise.reject(new Error('taken over')) };
    await expect(world.validateKeys.execute(lost)).rejects.toThrow('taken over');
    expect(world.openRouter.asked).toEqual([]);
    expect(key.refusedAt).toBeNull();
  });

  it('writes nothing when the run is lost while OpenRouter is asked', async () => {
    const key = world.storedKey('secret');
    let isLost = false;
    world.openRouter.meanwhile = () => void (isLost = true);
    const run: TaskRun = {
      ...ATTENDED_RUN,
      stillOurs: () => (isLost ? Promise.reject(new Error('taken over')) : Promise.resolve()),
    };
    await world.validateKeys.execute(run).catch(() => {});
    expect(key).toMatchObject({ status: 'valid', refusedAt: null, lastValidatedAt: null });
  });
});
