import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Question } from '../../database/plain-sql.js';
import type { Principal, Role } from '../../shared/principal.js';
import { Session, SKEW_SECONDS } from './session.entity.js';
import { SessionRepository } from './session.repository.js';
import { User } from '../accounts/user.entity.js';

const LONGEST_LIST = 1_000;

export const SessionTable = defineEntity({
  class: Session,
  tableName: 'sessions',
  properties: {
    id: p.string().length(36).primary(),
    userId: () => p.manyToOne(User).mapToPk().name('user_id').deleteRule('cascade').index(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3).index(),
    ip: p.string().length(45),
    userAgent: p.string().length(200),
  } satisfies Record<EntityKey<Session>, unknown>,
});

interface PrincipalRow {
  email: string;
  role: Role;
  created_at: number | string;
}

@Injectable()
export class MikroSessionRepository extends SessionRepository {
  private readonly principal: Question<PrincipalRow, [id: string, userId: number, at: unknown]>;

  constructor(private readonly em: SqlEntityManager) {
    super();
    this.principal = new Question(
      em,
      (id, userId, at) => sql`select u.email, u.role, u.created_at from sessions s join users u on u.id = s.user_id
        where s.id = ${id} and s.user_id = ${userId} and s.expires_at > ${at} and u.is_active = true`,
    );
  }

  add(session: Session): void {
    this.em.persist(session);
  }

  async findPrincipal(id: string, userId: number, now: Date): Promise<Principal | null> {
    const at = this.em.getPlatform().processDateProperty(skewed(now));
    const [row] = await this.principal.ask(id, userId, at);
    if (!row) return null;
    const createdAt = this.em.getPlatform().parseDate(row.created_at);
    return { id: userId, email: row.email, role: row.role, createdAt, sessionId: id };
  }

  listOf(userId: number, now: Date): Promise<Session[]> {
    const where = { userId, expiresAt: { $gt: skewed(now) } };
    return this.em.find(Session, where, { orderBy: { createdAt: 'desc', id: 'asc' }, limit: LONGEST_LIST });
  }

  async remove(id: string): Promise<void> {
    await this.em.nativeDelete(Session, { id });
  }

  async removeAllOf(userId: number, except?: string): Promise<void> {
    await this.em.nativeDelete(Session, { userId, ...(except && { id: { $ne: except } }) });
  }

  removeExpired(now: Date, userId?: number): Promise<number> {
    return this.em.nativeDelete(Session, { expiresAt: { $lte: skewed(now) }, ...(userId && { userId }) });
  }
}

/** A session ends when its JWT does, and that is read with a clock that may be late. */
function skewed(now: Date): Date {
  return new Date(now.getTime() - SKEW_SECONDS * 1000);
}
