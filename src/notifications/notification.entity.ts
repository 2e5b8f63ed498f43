import type { NotificationKind } from '../shared/news.js';

/** Something that happened to a user's key, until and after they have read it. */
export class Notification {
  readonly id!: number;
  readAt: Date | null = null;

  constructor(
    readonly userId: number,
    readonly kind: NotificationKind,
    readonly message: string,
    /** Null when the key has been removed since. */
    readonly apiKeyId: number | null,
    /** Names what happened; a user is told of it once. */
    readonly occasion: string,
    readonly createdAt: Date,
  ) {}

  /** Reading twice changes nothing. */
  markRead(now: Date): void {
    this.readAt ??= now;
  }
}
