import { Get, Post, Query } from '@nestjs/common';
import { MarkAllRead } from '../../notifications/mark-all-read.use-case.js';
import { MarkRead } from '../../notifications/mark-read.use-case.js';
import { NotificationRepository } from '../../notifications/notification.repository.js';
import { CurrentUser } from '../../shared/http/decorators.js';
import { Id } from '../../shared/http/fields/id.param.js';
import type { Principal } from '../../shared/principal.js';
import { Page } from '../answers/page.decorator.js';
import { SeeOther, View } from '../answers/view.js';
import type { Fields } from '../forms/fields.js';
import { backToLast, pageOf } from '../parts/pager.js';
import { NotificationList } from './notification-list.js';

const PAGE_SIZE = 20;

@Page('notifications')
export class NotificationsPage {
  constructor(
    private readonly notifications: NotificationRepository,
    private readonly markRead: MarkRead,
    private readonly markAllRead: MarkAllRead,
  ) {}

  @Get()
  async show(@CurrentUser() { id }: Principal, @Query() query: Fields): Promise<View | SeeOther> {
    const page = pageOf(query);
    const isUnreadOnly = query.unread === 'true';
    const where = { isUnreadOnly, skip: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE };
    const { items, total } = await this.notifications.page(id, where);
    const path = isUnreadOnly ? '/notifications?unread=true' : '/notifications';
    const pages = { path, page, pages: Math.ceil(total / PAGE_SIZE), total };
    const content = <NotificationList items={items} isUnreadOnly={isUnreadOnly} pages={pages} />;
    return backToLast(pages) ?? new View({ title: 'Notifications', section: 'notifications', content });
  }

  @Post('read')
  async readAll(@CurrentUser() { id }: Principal): Promise<SeeOther> {
    await this.markAllRead.execute(id);
    return new SeeOther('/notifications', 'all_read');
  }

  @Post(':id/read')
  async read(@CurrentUser() person: Principal, @Id('notification') id: number): Promise<SeeOther> {
    await this.markRead.execute(person.id, id);
    return new SeeOther('/notifications');
  }
}
