import { DomainError, Unprocessable } from '../shared/errors.js';

/** Lets a program read its owner's figures. Only the hash of its text is kept. */
export class Token {
  readonly id!: number;
  /** Moves forward only, about once a second while the token is in use. */
  readonly lastUsedAt: Date | null = null;
  revokedAt: Date | null = null;

  /** Refuses an expiry that is not after `createdAt`. */
  constructor(
    readonly userId: number,
    readonly name: string,
    readonly tokenHash: string,
    readonly createdAt: Date,
    /** Null: never. */
    readonly expiresAt: Date | null,
  ) {
    if (expiresAt && !(expiresAt > createdAt)) {
      throw new Unprocessable({ field: 'expires_at', message: 'expires_at must be in the future.' });
    }
  }

  isActive(now: Date): boolean {
    return !this.revokedAt && !(this.expiresAt && this.expiresAt <= now);
  }

  /** Returns whether that changed anything: a token is revoked once. */
  revoke(now: Date): boolean {
    if (this.revokedAt) return false;
    this.revokedAt = now;
    return true;
  }
}

/** A user has as many active tokens as they may have. */
export class TokenLimitReached extends DomainError {
  readonly refusal = 'invalid';
  readonly code = 'token_limit_reached';

  constructor(limit: number) {
    super(`You have ${limit} active tokens, and more are not allowed. Revoke one that you do not need any more.`);
  }
}

/** A request to the public API came without a token that works; why is nobody's business. */
export class InvalidToken extends DomainError {
  readonly refusal = 'unauthorized';
  readonly code = 'invalid_token';

  constructor() {
    super('A valid API token is needed. Send it in the header "Authorization: Bearer or_api_…".');
  }
}
