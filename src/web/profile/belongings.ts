import { Injectable } from '@nestjs/common';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import { NotificationRepository } from '../../notifications/notification.repository.js';
import type { NanoUsd } from '../../shared/money.js';
import { TokenRepository } from '../../tokens/token.repository.js';
import { UsageReports } from '../../usage/reading/usage.reports.js';

/** What a person would lose with their account. */
export interface Losses {
  keys: number;
  tokens: number;
  requests: number;
  spent: NanoUsd;
  notifications: number;
}

/** Counts what is stored here for a person. */
@Injectable()
export class Belongings {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly tokens: TokenRepository,
    private readonly usage: UsageReports,
    private readonly notifications: NotificationRepository,
  ) {}

  async of(userId: number): Promise<Losses> {
    const keys = await this.keys.listOf(userId);
    const tokens = await this.tokens.listOf(userId, false);
    const byKey = await this.usage.allTimeByKey(userId);
    const { total: notifications } = await this.notifications.page(userId, { isUnreadOnly: false, skip: 0, limit: 1 });
    return {
      keys: keys.length,
      tokens: tokens.length,
      requests: byKey.reduce((sum, { requests }) => sum + requests, 0),
      spent: byKey.reduce((sum, { cost }) => sum + cost, 0n),
      notifications,
    };
  }
}
