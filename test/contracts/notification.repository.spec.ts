import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Notification } from '../../src/notifications/notification.entity.js';
import { NotificationRepository } from '../../src/notifications/notification.repository.js';
import type { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { MemoryNotificationRepository } from '../fakes/notification.repository.memory.ts';
import { Place, PLACES } from '../support/place.ts';

const NOON = new Date('2026-06-15T12:00:00.000Z');
const LATER = new Date('2026-06-15T12:00:00.001Z');

describe.each(PLACES)('the repository of notifications in %s', (where) => {
  let place: Place;
  let notifications: NotificationRepository;
  let unitOfWork: UnitOfWork;
  let ada: number;
  let bob: number;

  beforeAll(async () => void (place = await Place.open(where)));
  afterAll(() => place[Symbol.asyncDispose]());
  beforeEach(async () => {
    notifications = place.keeper(NotificationRepository, MemoryNotificationRepository);
    unitOfWork = place.unitOfWork;
    [ada, bob] = [await place.newUser(), await place.newUser()];
  });

  function tell(userId: number, occasion: string, at = NOON, message = occasion): Promise<void> {
    const notification = new Notification(userId, 'key_invalid', message, null, occasion, at);
    return unitOfWork.run(() => notifications.addOnce(notification));
  }

  const page = (userId: number, changes = {}) =>
    unitOfWork.run(() => notifications.page(userId, { isUnreadOnly: false, skip: 0, limit: 100, ...changes }));
  const occasions = async (userId: number, changes = {}) =>
    (await page(userId, changes)).items.map(({ occasion }) => occasion);
  const countUnread = (userId: number) => unitOfWork.run(() => notifications.countUnread(userId));

  it('gives back every field as it was stored', async () => {
    await tell(ada, 'key:12:rejected', LATER, 'Your key "Schlüssel 🔑" is dead.');
    const [found] = (await page(ada)).items;
    expect(found).toMatchObject({
      userId: ada,
      kind: 'key_invalid',
      message: 'Your key "Schlüssel 🔑" is dead.',
      apiKeyId: null,
      occasion: 'key:12:rejected',
      createdAt: LATER,
      readAt: null,
    });
    expect(await unitOfWork.run(() => notifications.find(found!.id))).toMatchObject({ occasion: 'key:12:rejected' });
    expect(await unitOfWork.run(() => notifications.find(999_999))).toBeNull();
  });

  it('tells a user of each occasion once, and keeps the first', async () => {
    await tell(ada, 'one', NOON, 'first');
    await tell(ada, 'one', LATER, 'second');
    await tell(bob, 'one', LATER, 'his own');
    expect(await page(ada)).toMatchObject({ total: 1, items: [{ message: 'first', createdAt: NOON }] });
    expect(await page(bob)).toMatchObject({ total: 1, items: [{ message: 'his own' }] });
  });

  it('tells of an occasion once, even if many find it out at the same time', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, index) => tell(ada, 'race', NOON, `${index}`)));
    expect((await page(ada)).total).toBe(1);
  });

  it('lets the rest of the unit of work be stored when an occasion was told before', async () => {
    await tell(ada, 'one');
    await unitOfWork.run(async () => {
      await notifications.addOnce(new Notification(ada, 'key_invalid', 'again', null, 'one', LATER));
      await notifications.addOnce(new Notification(ada, 'key_blocked', 'new', null, 'two', LATER));
    });
    expect(await occasions(ada)).toEqual(['two', 'one']);
  });

  it('lists the newest first, page by page', async () => {
    await tell(ada, 'a', LATER);
    await tell(ada, 'b', NOON);
    await tell(ada, 'c', LATER);
    await tell(bob, 'd');
    expect(await occasions(ada)).toEqual(['c', 'a', 'b']);
    expect(await occasions(ada, { skip: 1, limit: 1 })).toEqual(['a']);
    expect(await page(ada, { skip: 9 })).toMatchObject({ items: [], total: 3 });
  });

  it('tells what was read from what was not', async () => {
    for (const occasion of ['a', 'b', 'c']) await tell(ada, occasion);
    await tell(bob, 'd');
    await unitOfWork.run(async () => {
      const { items } = await notifications.page(ada, { isUnreadOnly: true, skip: 1, limit: 1 });
      items[0]!.markRead(NOON);
    });
    expect(await countUnread(ada)).toBe(2);
    expect(await page(ada, { isUnreadOnly: true })).toMatchObject({
      total: 2,
      items: [{ occasion: 'c' }, { occasion: 'a' }],
    });

    await unitOfWork.run(() => notifications.markAllRead(ada, LATER));
    expect(await countUnread(ada)).toBe(0);
    expect((await page(ada)).items.map(({ readAt }) => readAt)).toEqual([LATER, NOON, LATER]);
    expect(await countUnread(bob)).toBe(1);
  });

  it('removes those that were read before an instant, and no more at once than it is told', async () => {
    const [longAgo, boundary] = [new Date('2020-01-01T00:00:00Z'), new Date('2020-01-01T00:00:00.001Z')];
    for (const occasion of ['a', 'b', 'c']) await tell(ada, occasion);
    await unitOfWork.run(() => notifications.markAllRead(ada, longAgo));
    await tell(ada, 'unread');
    await tell(bob, 'read later');
    await unitOfWork.run(() => notifications.markAllRead(bob, boundary));
    const remove = () => unitOfWork.run(() => notifications.removeReadBefore(boundary, 2));
    expect([await remove(), await remove(), await remove()]).toEqual([2, 1, 0]);
    expect([...(await occasions(ada)), ...(await occasions(bob))]).toEqual(['unread', 'read later']);
  });
});
