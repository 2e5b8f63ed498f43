import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { nanoUsd } from '../../database/nano-usd.type.js';
import { type BudgetPeriod, IssuedClientKey } from './client-key.entity.js';
import { ClientKeyRepository } from './client-key.repository.js';

export const ClientKeyTable = defineEntity({
  class: IssuedClientKey,
  tableName: 'client_keys',
  properties: {
    id: p.integer().primary().autoincrement(),
    name: p.string().length(255),
    description: p.string().length(1000).nullable(),
    keyHash: p.string().length(64).unique(),
    keyPrefix: p.string().length(12),
    upstreamIds: p.json<number[]>(),
    rpm: p.integer().nullable(),
    tpm: p.integer().nullable(),
    maxParallel: p.integer().nullable(),
    models: p.json<string[] | null>().nullable(),
    budget: nanoUsd().nullable().name('budget_nanos'),
    budgetPeriod: p.string().length(8).nullable().$type<BudgetPeriod | null>(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3).nullable(),
    revokedAt: p.datetime(3).nullable(),
    lastUsedAt: p.datetime(3).nullable(),
    changedIn: p.integer().index(),
  } satisfies Record<Exclude<EntityKey<IssuedClientKey>, 'limits'>, unknown>,
});

@Injectable()
export class MikroClientKeyRepository extends ClientKeyRepository {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  add(key: IssuedClientKey): void {
    this.em.persist(key);
  }

  find(id: number): Promise<IssuedClientKey | null> {
    return this.em.findOne(IssuedClientKey, { id });
  }

  async page(page: number, size: number): Promise<{ items: IssuedClientKey[]; total: number }> {
    const order = { orderBy: { createdAt: 'desc', id: 'desc' }, limit: size, offset: (page - 1) * size } as const;
    const [items, total] = await this.em.findAndCount(IssuedClientKey, {}, order);
    return { items, total };
  }

  flush(): Promise<void> {
    return this.em.flush();
  }
}
