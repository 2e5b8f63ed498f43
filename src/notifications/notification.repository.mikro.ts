import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { ApiKey } from '../api-keys/api-key.entity.js';
import { User } from '../auth/accounts/user.entity.js';
import type { NotificationKind } from '../shared/news.js';
import { Notification } from './notification.entity.js';
import { type NotificationPage, NotificationRepository } from './notification.repository.js';

export const NotificationTable = defineEntity({
  class: Notification,
  tableName: 'notifications',
  uniques: [{ properties: ['userId', 'occasion'] }],
  indexes: [{ properties: ['userId', 'createdAt'] }, { properties: ['userId', 'readAt'] }],
  properties: {
    id: p.integer().primary().autoincrement(),
    userId: () => p.manyToOne(User).mapToPk().name('user_id').deleteRule('cascade'),
    kind: p.string().length(32).$type<NotificationKind>(),
    message: p.string().length(1000),
    apiKeyId: () => p.manyToOne(ApiKey).mapToPk().name('api_key_id').nullable().deleteRule('set null'),
    occasion: p.string().length(200),
    createdAt: p.datetime(3),
    readAt: p.datetime(3).nullable(),
  } satisfies Record<EntityKey<Notification>, unknown>,
});

@Injectable()
export class MikroNotificationRepository extends NotificationRepository {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  async addOnce(notification: Notification): Promise<void> {
    const { userId, kind, message, apiKeyId, occasion, createdAt } = notification;
    await this.em
      .createQueryBuilder(Notification)
      .insert({ userId, kind, message, apiKeyId, occasion, createdAt })
      .onConflict(['userId', 'occasion'])
      .ignore()
      .execute();
  }

  find(id: number): Promise<Notification | null> {
    return this.em.findOne(Notification, { id });
  }

  async page(userId: number, { isUnreadOnly, skip, limit }: NotificationPage) {
    const where = isUnreadOnly ? { userId, readAt: null } : { userId };
    const orderBy = { createdAt: 'desc', id: 'desc' } as const;
    const [items, total] = await this.em.findAndCount(Notification, where, { offset: skip, limit, orderBy });
    return { items, total };
  }

  countUnread(userId: number): Promise<number> {
    return this.em.count(Notification, { userId, readAt: null });
  }

  async markAllRead(userId: number, now: Date): Promise<void> {
    await this.em.nativeUpdate(Notification, { userId, readAt: null }, { readAt: now });
  }

  async removeReadBefore(instant: Date, most: number): Promise<number> {
    const where = { readAt: { $lt: instant } };
    const found = await this.em.find(Notification, where, { fields: ['id'], orderBy: { id: 'asc' }, limit: most });
    return this.em.nativeDelete(Notification, { id: { $in: found.map(({ id }) => id) } });
  }
}
