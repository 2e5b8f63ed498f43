import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { ApiKey } from '../../api-keys/api-key.entity.js';
import { RegisteredUpstream } from './upstream.entity.js';
import { UpstreamRepository } from './upstream.repository.js';

/** No foreign key to the registered key: when that is gone, the upstream stays and answers nothing. */
export const UpstreamTable = defineEntity({
  class: RegisteredUpstream,
  tableName: 'upstreams',
  properties: {
    id: p.integer().primary().autoincrement(),
    name: p.string().length(64).index(),
    provider: p.string().length(64),
    baseUrl: p.string().length(2048),
    sealedSecret: p.text().nullable(),
    secretMask: p.string().length(16).nullable(),
    apiKeyId: p.integer().nullable().index(),
    timeoutSeconds: p.integer(),
    isDefault: p.boolean(),
    isActive: p.boolean(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    deletedAt: p.datetime(3).nullable(),
  } satisfies Record<EntityKey<RegisteredUpstream>, unknown>,
});

@Injectable()
export class MikroUpstreamRepository extends UpstreamRepository {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  add(upstream: RegisteredUpstream): void {
    this.em.persist(upstream);
  }

  find(id: number): Promise<RegisteredUpstream | null> {
    return this.em.findOne(RegisteredUpstream, { id, deletedAt: null });
  }

  findByName(name: string): Promise<RegisteredUpstream | null> {
    return this.em.findOne(RegisteredUpstream, { name, deletedAt: null });
  }

  list(): Promise<RegisteredUpstream[]> {
    return this.em.find(RegisteredUpstream, { deletedAt: null }, { orderBy: { id: 'asc' } });
  }

  async activeAmong(ids: readonly number[]): Promise<number[]> {
    const where = { id: { $in: [...ids] }, isActive: true, deletedAt: null };
    return (await this.em.find(RegisteredUpstream, where)).map(({ id }) => id);
  }

  async isEmpty(): Promise<boolean> {
    return (await this.em.count(RegisteredUpstream)) === 0;
  }

  async canUseApiKey(apiKeyId: number): Promise<boolean> {
    const key = await this.em.findOne(ApiKey, { id: apiKeyId, removedAt: null });
    return key !== null && key.isActive && key.sealedSecret !== null;
  }

  flush(): Promise<void> {
    return this.em.flush();
  }
}
