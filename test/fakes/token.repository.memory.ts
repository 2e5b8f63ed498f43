import type { Token } from '../../src/tokens/token.entity.js';
import { type TokenBearer, TokenRepository } from '../../src/tokens/token.repository.js';

/** Tokens in a list. Counts how often somebody asked who stands behind a token. */
export class MemoryTokenRepository extends TokenRepository {
  readonly deactivatedUsers = new Set<number>();
  lookups = 0;
  private readonly tokens: Token[] = [];

  add(token: Token): void {
    this.tokens.push(Object.assign(token, { id: this.tokens.length + 1 }));
  }

  async find(id: number): Promise<Token | null> {
    return this.tokens.find((token) => token.id === id) ?? null;
  }

  async listOf(userId: number, includeRevoked: boolean): Promise<Token[]> {
    return this.tokens
      .filter((token) => token.userId === userId && (includeRevoked || !token.revokedAt))
      .toSorted((one, other) => other.createdAt.getTime() - one.createdAt.getTime() || other.id - one.id);
  }

  async countActive(userId: number, now: Date): Promise<number> {
    return this.tokens.filter((token) => token.userId === userId && token.isActive(now)).length;
  }

  async flush(): Promise<void> {}

  async findBearer(tokenHash: string): Promise<TokenBearer | null> {
    this.lookups++;
    const token = this.tokens.find((candidate) => candidate.tokenHash === tokenHash && !candidate.revokedAt);
    if (!token || this.deactivatedUsers.has(token.userId)) return null;
    return { tokenId: token.id, userId: token.userId, expiresAt: token.expiresAt };
  }

  async recordUses(uses: ReadonlyMap<number, Date>): Promise<void> {
    for (const token of this.tokens) {
      const at = uses.get(token.id);
      if (at && !(token.lastUsedAt && token.lastUsedAt >= at)) Object.assign(token, { lastUsedAt: at });
    }
  }
}
