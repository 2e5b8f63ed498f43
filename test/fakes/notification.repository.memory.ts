import type { Notification } from '../../src/notifications/notification.entity.js';
import { type NotificationPage, NotificationRepository } from '../../src/notifications/notification.repository.js';

/** Notifications in memory. */
export class MemoryNotificationRepository extends NotificationRepository {
  private notifications: Notification[] = [];
  private lastId = 0;

  async addOnce(notification: Notification): Promise<void> {
    if (this.of(notification.userId).some(({ occasion }) => occasion === notification.occasion)) return;
    Object.assign(notification, { id: ++this.lastId });
    this.notifications.push(notification);
  }

  async find(id: number): Promise<Notification | null> {
    return this.notifications.find((notification) => notification.id === id) ?? null;
  }

  async page(userId: number, { isUnreadOnly, skip, limit }: NotificationPage) {
    const all = this.of(userId)
      .filter(({ readAt }) => !isUnreadOnly || readAt === null)
      .toSorted((one, other) => other.createdAt.getTime() - one.createdAt.getTime() || other.id - one.id);
    return { items: all.slice(skip, skip + limit), total: all.length };
  }

  async countUnread(userId: number): Promise<number> {
    return this.of(userId).filter(({ readAt }) => readAt === null).length;
  }

  async markAllRead(userId: number, now: Date): Promise<void> {
    for (const notification of this.of(userId)) notification.markRead(now);
  }

  async removeReadBefore(instant: Date, most: number): Promise<number> {
    const old = this.notifications.filter(({ readAt }) => readAt !== null && readAt < instant).slice(0, most);
    this.notifications = this.notifications.filter((notification) => !old.includes(notification));
    return old.length;
  }

  private of(userId: number): Notification[] {
    return this.notifications.filter((notification) => notification.userId === userId);
  }
}
