import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { IsName } from '../../shared/http/fields/name.field.js';
import { IsWholeNumber, LARGEST_ID } from '../../shared/http/fields/whole-number.field.js';
import { type ClientKeyProperties, type IssuedClientKey, NO_LIMITS } from './client-key.entity.js';
import { ListedKeyLimits, NewKeyLimits } from './key-limits.dto.js';
import { IsInstant } from '../../shared/http/fields/instant.field.js';

const LARGEST_PAGE = 1_000_000;
const MOST_UPSTREAMS = 100;
/** Lines may break; other control characters are more than a database takes. */
const TEXT = /^(?:[^\p{Cc}\p{Cs}]|[\n\r\t]){0,1000}$/u;
const isGiven = (_: object, value: unknown) => value !== undefined;

/** A client key for a team or a program. */
export class NewClientKey {
  /** A name you will recognise. @example "search team" */
  @IsName(255)
  name!: string;

  /** What it is for. @example "Nightly summaries" */
  @IsOptional()
  @Matches(TEXT, { message: '$property must be text of at most 1000 characters.' })
  description?: string | null;

  /** The numbers of the upstreams that it may use, in the order in which they are tried. @example [1] */
  @IsArray()
  @ArrayMaxSize(MOST_UPSTREAMS)
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(LARGEST_ID, { each: true })
  upstream_ids!: number[];

  /** When it stops working; never, if not given. @example "2027-01-01T00:00:00Z" */
  @IsOptional()
  @IsInstant()
  expires_at?: string | null;

  /** What it may use; everything, if not given. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => NewKeyLimits)
  limits?: NewKeyLimits | null;

  static propertiesOf({ name, description, upstream_ids, expires_at, limits }: NewClientKey): ClientKeyProperties {
    return {
      name,
      description: description ?? null,
      upstreamIds: upstream_ids,
      expiresAt: expires_at ? new Date(expires_at) : null,
      limits: limits ? NewKeyLimits.limitsOf(limits) : NO_LIMITS,
    };
  }
}

/** What to change of a client key; what is left out stays. */
export class ClientKeyChanges {
  /** A name you will recognise. @example "search team" */
  @ValidateIf(isGiven)
  @IsName(255)
  name?: string;

  /** What it is for. @example "Nightly summaries" */
  @IsOptional()
  @Matches(TEXT, { message: '$property must be text of at most 1000 characters.' })
  description?: string | null;

  /** The numbers of the upstreams that it may use from now on. @example [1] */
  @ValidateIf(isGiven)
  @IsArray()
  @ArrayMaxSize(MOST_UPSTREAMS)
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(LARGEST_ID, { each: true })
  upstream_ids?: number[];

  /** When it stops working; null: never. @example "2027-01-01T00:00:00Z" */
  @IsOptional()
  @IsInstant()
  expires_at?: string | null;

  /** What it may use from now on: takes the place of all its limits; null lifts them. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => NewKeyLimits)
  limits?: NewKeyLimits | null;

  static changesOf(body: ClientKeyChanges): Partial<ClientKeyProperties> {
    const { name, description, upstream_ids: upstreamIds, expires_at, limits } = body;
    return {
      name,
      description,
      upstreamIds,
      expiresAt: expires_at ? new Date(expires_at) : (expires_at as null | undefined),
      limits: limits ? NewKeyLimits.limitsOf(limits) : limits === null ? NO_LIMITS : undefined,
    };
  }
}

/** Which page of the client keys. */
export class ClientKeyPageQuery {
  /** Counted from 1. @example 1 */
  @IsOptional()
  @IsWholeNumber(1, LARGEST_PAGE)
  page: number = 1;

  /** How many keys a page has. @example 20 */
  @IsOptional()
  @IsWholeNumber(1, 100)
  page_size: number = 20;
}

/** A client key, without its text. */
export class ListedClientKey {
  /** Its number. @example 7 */
  id!: number;

  /** The name that it was given. @example "search team" */
  name!: string;

  /** What it is for. @example "Nightly summaries" */
  description!: string | null;

  /** The first 12 characters of its text. @example "sk-auto-Ab3d" */
  key_prefix!: string;

  /** The upstreams that it may use, in the order in which they are tried. @example [1] */
  @ApiProperty({ type: 'array', items: { type: 'integer' } })
  upstream_ids!: number[];

  /** Whether it works: neither revoked nor expired. @example true */
  is_active!: boolean;

  /** When it stops working; null if never. @example "2027-01-01T00:00:00.000Z" */
  expires_at!: string | null;

  /** When it was issued. @example "2026-06-15T12:00:00.000Z" */
  created_at!: string;

  /** When it was last used, to about a second; null if never. @example "2026-06-20T08:30:00.000Z" */
  last_used_at!: string | null;

  /** What it may use. */
  limits!: ListedKeyLimits;

  static of(key: IssuedClientKey, now: Date): ListedClientKey {
    return {
      id: key.id,
      name: key.name,
      description: key.description,
      key_prefix: key.keyPrefix,
      upstream_ids: key.upstreamIds,
      is_active: key.isActive(now),
      expires_at: key.expiresAt?.toISOString() ?? null,
      created_at: key.createdAt.toISOString(),
      last_used_at: key.lastUsedAt?.toISOString() ?? null,
      limits: ListedKeyLimits.of(key.limits),
    };
  }
}

/** A new client key, with its text. */
export class NewlyIssuedClientKey extends ListedClientKey {
  /** The key itself. Keep it now: it is never shown again. @example "sk-auto-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE" */
  key_value!: string;

  static with(key: IssuedClientKey, text: string, now: Date): NewlyIssuedClientKey {
    return { ...ListedClientKey.of(key, now), key_value: text };
  }
}

/** A page of client keys. */
export class ClientKeyPage {
  /** Newest first. */
  items!: ListedClientKey[];

  /** How many keys there are. @example 1 */
  total!: number;

  /** This page, counted from 1. @example 1 */
  page!: number;

  /** How many keys a page has. @example 20 */
  page_size!: number;

  /** How many pages there are. @example 1 */
  total_pages!: number;

  static of(found: { items: IssuedClientKey[]; total: number }, query: ClientKeyPageQuery, now: Date): ClientKeyPage {
    const { page, page_size } = query;
    const items = found.items.map((key) => ListedClientKey.of(key, now));
    return { items, total: found.total, page, page_size, total_pages: Math.ceil(found.total / page_size) };
  }
}
