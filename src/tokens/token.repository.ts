import type { Token } from './token.entity.js';

/** What the public API has to know about a token with each call. */
export interface TokenBearer {
  tokenId: number;
  userId: number;
  expiresAt: Date | null;
}

/** Every token ever issued. To change one: find it, change it, leave the unit of work. */
export abstract class TokenRepository {
  abstract add(token: Token): void;
  abstract find(id: number): Promise<Token | null>;
  /** The newest 1,000 tokens of one user, newest first. */
  abstract listOf(userId: number, includeRevoked: boolean): Promise<Token[]>;
  /** How many tokens of the user are neither revoked nor expired. */
  abstract countActive(userId: number, now: Date): Promise<number>;
  /** Stores what was added so far, so that ids are known; still within the unit of work. */
  abstract flush(): Promise<void>;

  /** Who stands behind a token that is not revoked and whose owner is active. */
  abstract findBearer(tokenHash: string): Promise<TokenBearer | null>;
  /** Moves the last use of tokens, by id, forward; earlier instants and tokens that are gone change nothing. */
  abstract recordUses(uses: ReadonlyMap<number, Date>): Promise<void>;
}
