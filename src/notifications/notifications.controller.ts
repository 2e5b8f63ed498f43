import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { CurrentUser } from '../shared/http/decorators.js';
import { Id } from '../shared/http/fields/id.param.js';
import { Refuses } from '../shared/http/refuses.js';
import type { Principal } from '../shared/principal.js';
import { MarkAllRead } from './mark-all-read.use-case.js';
import { MarkRead } from './mark-read.use-case.js';
import { NotificationList, NotificationListQuery, ShownNotification } from './notification.dto.js';
import { NotificationRepository } from './notification.repository.js';

@ApiTags('Notifications')
@Controller('api/notifications')
export class NotificationsController {
  constructor(
    private readonly notifications: NotificationRepository,
    private readonly markRead: MarkRead,
    private readonly markAllRead: MarkAllRead,
  ) {}

  /** Lists what happened to your keys. */
  @Get()
  @ApiOkResponse({ type: NotificationList })
  @Refuses(401, 422)
  async list(@CurrentUser() user: Principal, @Query() query: NotificationListQuery): Promise<NotificationList> {
    const { unread: isUnreadOnly, skip, limit } = query;
    const { items, total } = await this.notifications.page(user.id, { isUnreadOnly, skip, limit });
    const unread = await this.notifications.countUnread(user.id);
    return { items: items.map((item) => ShownNotification.of(item)), total, unread };
  }

  /** Marks all your notifications as read. */
  @Post('read')
  @HttpCode(204)
  @ApiNoContentResponse()
  @Refuses(401, 422)
  readAll(@CurrentUser() user: Principal): Promise<void> {
    return this.markAllRead.execute(user.id);
  }

  /** Marks a notification as read. */
  @Post(':id/read')
  @ApiParam({ name: 'id', type: 'integer', description: 'The id of the notification.', example: 7 })
  @HttpCode(204)
  @ApiNoContentResponse()
  @Refuses(401, 403, 404, 422)
  read(@CurrentUser() user: Principal, @Id('notification') id: number): Promise<void> {
    return this.markRead.execute(user.id, id);
  }
}
