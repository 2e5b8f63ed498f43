import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { User } from '../auth/accounts/user.entity.js';
import { Question } from '../database/plain-sql.js';
import { Token } from './token.entity.js';
import { type TokenBearer, TokenRepository } from './token.repository.js';

const LONGEST_LIST = 1_000;

export const TokenTable = defineEntity({
  class: Token,
  tableName: 'api_tokens',
  indexes: [{ properties: ['userId', 'createdAt'] }],
  properties: {
    id: p.integer().primary().autoincrement(),
    userId: () => p.manyToOne(User).mapToPk().name('user_id').deleteRule('cascade'),
    name: p.string().length(100),
    tokenHash: p.string().length(64).unique(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3).nullable(),
    revokedAt: p.datetime(3).nullable(),
    lastUsedAt: p.datetime(3).nullable(),
  } satisfies Record<EntityKey<Token>, unknown>,
});

interface BearerRow {
  id: number;
  user_id: number;
  expires_at: string | number | null;
}

@Injectable()
export class MikroTokenRepository extends TokenRepository {
  private readonly bearer: Question<BearerRow, [tokenHash: string]>;

  constructor(private readonly em: SqlEntityManager) {
    super();
    this.bearer = new Question(
      em,
      (tokenHash) => sql`select t.id, t.user_id, t.expires_at from api_tokens t join users u on u.id = t.user_id
        where t.token_hash = ${tokenHash} and t.revoked_at is null and u.is_active = true`,
    );
  }

  add(token: Token): void {
    this.em.persist(token);
  }

  find(id: number): Promise<Token | null> {
    return this.em.findOne(Token, { id });
  }

  listOf(userId: number, includeRevoked: boolean): Promise<Token[]> {
    const where = includeRevoked ? { userId } : { userId, revokedAt: null };
    return this.em.find(Token, where, { orderBy: { createdAt: 'desc', id: 'desc' }, limit: LONGEST_LIST });
  }

  countActive(userId: number, now: Date): Promise<number> {
    return this.em.count(Token, { userId, revokedAt: null, $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] });
  }

  flush(): Promise<void> {
    return this.em.flush();
  }

  async findBearer(tokenHash: string): Promise<TokenBearer | null> {
    const [row] = await this.bearer.ask(tokenHash);
    if (!row) return null;
    const expiresAt = row.expires_at === null ? null : new Date(row.expires_at);
    return { tokenId: row.id, userId: row.user_id, expiresAt };
  }

  async recordUses(uses: ReadonlyMap<number, Date>): Promise<void> {
    // In the same order on every instance, so that no two wait for each other's rows.
    for (const [id, at] of [...uses].toSorted(([one], [other]) => one - other)) {
      const isEarlier = { $or: [{ lastUsedAt: null }, { lastUsedAt: { $lt: at } }] };
      await this.em.nativeUpdate(Token, { id, ...isEarlier }, { lastUsedAt: at });
    }
  }
}
