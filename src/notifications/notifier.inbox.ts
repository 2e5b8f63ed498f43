import { Injectable } from '@nestjs/common';
import { Clock } from '../shared/time/clock.port.js';
import type { News } from '../shared/news.js';
import { Notifier } from '../shared/notifier.port.js';
import { Notification } from './notification.entity.js';
import { NotificationRepository } from './notification.repository.js';

/** Puts news where their user finds them at the next visit. */
@Injectable()
export class InboxNotifier extends Notifier {
  constructor(
    private readonly notifications: NotificationRepository,
    private readonly clock: Clock,
  ) {
    super();
  }

  async tell({ userId, kind, message, apiKeyId, occasion }: News): Promise<void> {
    const now = this.clock.now();
    await this.notifications.addOnce(new Notification(userId, kind, message, apiKeyId, occasion, now));
  }
}
