import { Global, Module } from '@nestjs/common';
import { Notifier } from '../shared/notifier.port.js';
import { ForgetOldNotifications } from './forget-old-notifications.use-case.js';
import { MarkAllRead } from './mark-all-read.use-case.js';
import { MarkRead } from './mark-read.use-case.js';
import { MikroNotificationRepository } from './notification.repository.mikro.js';
import { NotificationRepository } from './notification.repository.js';
import { NotificationsController } from './notifications.controller.js';
import { InboxNotifier } from './notifier.inbox.js';

/** What happened to people's keys. Global, because whoever finds something out tells it through the Notifier. */
@Global()
@Module({
  controllers: [NotificationsController],
  providers: [
    ForgetOldNotifications,
    MarkAllRead,
    MarkRead,
    { provide: NotificationRepository, useClass: MikroNotificationRepository },
    { provide: Notifier, useClass: InboxNotifier },
  ],
  exports: [ForgetOldNotifications, MarkAllRead, MarkRead, NotificationRepository, Notifier],
})
export class NotificationsModule {}
