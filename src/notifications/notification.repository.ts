import type { Notification } from './notification.entity.js';

export interface NotificationPage {
  isUnreadOnly: boolean;
  skip: number;
  limit: number;
}

/** All that users were told. To change one: find it, change it, leave the unit of work. */
export abstract class NotificationRepository {
  /** Does nothing when the user has one of the same occasion, even if another unit of work adds it right now. */
  abstract addOnce(notification: Notification): Promise<void>;
  abstract find(id: number): Promise<Notification | null>;
  /** Newest first; `total` counts those that the page is taken from. */
  abstract page(userId: number, page: NotificationPage): Promise<{ items: Notification[]; total: number }>;
  abstract countUnread(userId: number): Promise<number>;
  abstract markAllRead(userId: number, now: Date): Promise<void>;
  /** Removes at most so many of those that were read before that instant; returns how many. */
  abstract removeReadBefore(instant: Date, most: number): Promise<number>;
}
