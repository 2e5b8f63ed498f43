import { defineEntity, type EntityKey, p, UniqueConstraintViolationException } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { toChange } from '../../database/dialect.js';
import { EmailTaken, User } from './user.entity.js';
import { UserRepository } from './user.repository.js';

export const UserTable = defineEntity({
  class: User,
  tableName: 'users',
  properties: {
    id: p.integer().primary().autoincrement(),
    email: p.string().length(254),
    emailKey: p.string().length(254).unique(),
    passwordHash: p.string().length(255),
    role: p.string().length(16).$type<User['role']>(),
    isActive: p.boolean(),
    createdAt: p.datetime(3),
    closedAt: p.datetime(3).nullable(),
  } satisfies Record<EntityKey<User>, unknown>,
});

@Injectable()
export class MikroUserRepository extends UserRepository {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  add(user: User): void {
    this.em.persist(user);
  }

  findToChange(id: number): Promise<User | null> {
    return this.em.findOne(User, { id }, toChange(this.em));
  }

  findByEmail(emailKey: string): Promise<User | null> {
    return this.em.findOne(User, { emailKey });
  }

  count(): Promise<number> {
    return this.em.count(User, { closedAt: null });
  }

  async listClosedIds(): Promise<number[]> {
    const question = 'select id from users where closed_at is not null order by id';
    return (await this.em.execute<{ id: number }[]>(question)).map(({ id }) => id);
  }

  async discard(id: number): Promise<void> {
    await this.em.nativeDelete(User, { id, closedAt: { $ne: null } });
  }

  async flush(): Promise<void> {
    try {
      await this.em.flush();
    } catch (error) {
      throw error instanceof UniqueConstraintViolationException ? new EmailTaken() : error;
    }
  }
}
