import { defineEntity, type EntityKey, p, type QueryOrderMap, raw } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { User } from '../auth/accounts/user.entity.js';
import { isSqlite, toChange } from '../database/dialect.js';
import { nanoUsd } from '../database/nano-usd.type.js';
import { ApiKey, type ApiKeyKind } from './api-key.entity.js';
import { type ApiKeyPage, ApiKeyRepository, type ApiKeySort } from './api-key.repository.js';
import type { ApiKeyStatus, LimitReset } from './key-status.js';

export const ApiKeyTable = defineEntity({
  class: ApiKey,
  tableName: 'api_keys',
  uniques: [{ properties: ['userId', 'secretHash'] }],
  properties: {
    id: p.integer().primary().autoincrement(),
    userId: () => p.manyToOne(User).mapToPk().name('user_id').deleteRule('cascade'),
    name: p.string().length(100),
    kind: p.string().length(16).$type<ApiKeyKind>(),
    sealedSecret: p.text().nullable(),
    secretHash: p.string().length(64).nullable(),
    status: p.string().length(16).$type<ApiKeyStatus>(),
    statusDetail: p.string().length(500).nullable(),
    isSwitchedOn: p.boolean(),
    label: p.string().length(100).nullable(),
    openRouterHash: p.string().length(64).nullable().index(),
    managedById: () => p.manyToOne(ApiKey).mapToPk().name('managed_by_id').nullable().deleteRule('set null'),
    workspaceId: p.string().length(64).nullable(),
    limit: nanoUsd().nullable().name('limit_nanos'),
    limitRemaining: nanoUsd().nullable().name('limit_remaining_nanos'),
    limitReset: p.string().length(16).nullable().$type<LimitReset | null>(),
    expiresAt: p.datetime(3).nullable(),
    usageTotal: nanoUsd().name('usage_total_nanos'),
    accountCredits: nanoUsd().nullable().name('account_credits_nanos'),
    accountUsage: nanoUsd().nullable().name('account_usage_nanos'),
    createdAt: p.datetime(3),
    lastUsedAt: p.datetime(3).nullable(),
    lastValidatedAt: p.datetime(3).nullable(),
    lastSyncedAt: p.datetime(3).nullable(),
    refusedAt: p.datetime(3).nullable(),
    unreachableSince: p.datetime(3).nullable(),
    removedAt: p.datetime(3).nullable(),
  } satisfies Record<Exclude<EntityKey<ApiKey>, 'isActive' | 'isDead'>, unknown>,
});

@Injectable()
export class MikroApiKeyRepository extends ApiKeyRepository {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  add(key: ApiKey): void {
    this.em.persist(key);
  }

  remove(key: ApiKey): void {
    this.em.remove(key);
  }

  find(id: number): Promise<ApiKey | null> {
    return this.em.findOne(ApiKey, { id, removedAt: null });
  }

  findToChange(id: number): Promise<ApiKey | null> {
    return this.em.findOne(ApiKey, { id, removedAt: null }, toChange(this.em));
  }

  findBySecretHash(userId: number, secretHash: string): Promise<ApiKey | null> {
    return this.em.findOne(ApiKey, { userId, secretHash, removedAt: null });
  }

  countRegistered(userId: number): Promise<number> {
    return this.em.count(ApiKey, { userId, removedAt: null, kind: { $ne: 'discovered' } });
  }

  async page(userId: number, { skip, limit, sort, order }: ApiKeyPage): Promise<{ items: ApiKey[]; total: number }> {
    const orderBy = [{ [this.columnOf(sort)]: `${order} nulls last` }, { id: order }] as QueryOrderMap<ApiKey>[];
    const where = { userId, removedAt: null };
    const [items, total] = await this.em.findAndCount(ApiKey, where, { offset: skip, limit, orderBy });
    return { items, total };
  }

  /** Names sort by their bytes, with a to z as A to Z: the only order that is the same on both databases. */
  private columnOf(sort: ApiKeySort): string {
    const collation = isSqlite(this.em) ? 'binary' : '"C"';
    const columns = {
      created_at: 'createdAt',
      name: raw((table) => `lower(${table}.name collate ${collation}) collate ${collation}`),
      last_used_at: 'lastUsedAt',
      // The property would sort as the text it is read as.
      total_cost: raw((table) => `${table}.usage_total_nanos`),
    };
    return columns[sort] as string;
  }

  listOf(userId: number): Promise<ApiKey[]> {
    return this.em.find(ApiKey, { userId, removedAt: null });
  }

  async listIdsWithSecret(): Promise<number[]> {
    const where = { sealedSecret: { $ne: null }, isSwitchedOn: true };
    const keys = await this.em.find(ApiKey, where, { fields: ['id'], orderBy: { id: 'asc' } });
    return keys.map(({ id }) => id);
  }

  async listRemovedIds(): Promise<number[]> {
    const question = 'select id from api_keys where removed_at is not null order by id';
    return (await this.em.execute<{ id: number }[]>(question)).map(({ id }) => id);
  }

  async discard(id: number): Promise<void> {
    await this.em.nativeDelete(ApiKey, { id, removedAt: { $ne: null } });
  }

  flush(): Promise<void> {
    return this.em.flush();
  }
}
