import { IsOptional } from 'class-validator';
import { IsFlag } from '../shared/http/fields/flag.field.js';
import { IsName } from '../shared/http/fields/name.field.js';
import type { Token } from './token.entity.js';
import { IsInstant } from '../shared/http/fields/instant.field.js';

/** A token that a program will use to read your figures. */
export class NewToken {
  /** A name you will recognise. @example "grafana" */
  @IsName(100)
  name!: string;

  /** When it stops working; never, if not given. @example "2027-01-01T00:00:00Z" */
  @IsOptional()
  @IsInstant()
  expires_at?: string | null;

  /** The instant meant by `expires_at`. */
  static expiryOf({ expires_at }: NewToken): Date | null {
    return expires_at ? new Date(expires_at) : null;
  }
}

/** Which tokens to list. */
export class TokenListQuery {
  /** Whether revoked tokens are listed too. @example true */
  @IsOptional()
  @IsFlag()
  include_revoked: boolean = false;
}

/** A new token, with its text. */
export class IssuedToken {
  /** Its number: what it is revoked by. @example 12 */
  id!: number;

  /** The name that its owner gave it. @example "grafana" */
  name!: string;

  /** The token itself. Keep it now: it is never shown again. @example "or_api_00000000000000000000000000000000000000000001LdwSj" */
  token!: string;

  /** When it was issued. @example "2026-06-15T12:00:00.000Z" */
  created_at!: string;

  /** When it stops working; null if never. @example "2027-01-01T00:00:00.000Z" */
  expires_at!: string | null;

  static of({ token, text }: { token: Token; text: string }): IssuedToken {
    const { id, name, createdAt, expiresAt } = token;
    return {
      id,
      name,
      token: text,
      created_at: createdAt.toISOString(),
      expires_at: expiresAt?.toISOString() ?? null,
    };
  }
}

/** A token, without its text. */
export class ListedToken {
  /** Its number: what it is revoked by. @example 12 */
  id!: number;

  /** The name that its owner gave it. @example "grafana" */
  name!: string;

  /** When it was issued. @example "2026-06-15T12:00:00.000Z" */
  created_at!: string;

  /** When it was last used, to about a second; null if never. @example "2026-06-20T08:30:00.000Z" */
  last_used_at!: string | null;

  /** When it stops working; null if never. @example "2027-01-01T00:00:00.000Z" */
  expires_at!: string | null;

  /** Whether it works: neither revoked nor expired. @example true */
  is_active!: boolean;

  static of(token: Token, now: Date): ListedToken {
    return {
      id: token.id,
      name: token.name,
      created_at: token.createdAt.toISOString(),
      last_used_at: token.lastUsedAt?.toISOString() ?? null,
      expires_at: token.expiresAt?.toISOString() ?? null,
      is_active: token.isActive(now),
    };
  }
}
