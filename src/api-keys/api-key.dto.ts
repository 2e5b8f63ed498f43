import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString, ValidateIf } from 'class-validator';
import { IsName } from '../shared/http/fields/name.field.js';
import { IsWholeNumber, LARGEST_ID } from '../shared/http/fields/whole-number.field.js';
import { Usd, usdOrNull } from '../shared/money.js';
import { type ApiKey, type ApiKeyKind, KINDS } from './api-key.entity.js';
import { type ApiKeyPage, type ApiKeySort, SORTS } from './api-key.repository.js';
import { type ApiKeyStatus, LIMIT_RESETS, type LimitReset, STATUSES } from './key-status.js';

/** A field that may be left out, but not be null. */
const IfGiven = (field: string) => ValidateIf((body: Record<string, unknown>) => body[field] !== undefined);

/** An OpenRouter key to keep. */
export class NewApiKey {
  /** A name you will recognise; spaces around it are dropped. @example "Website chat" */
  @IsName(100)
  name!: string;

  /**
   * The key as OpenRouter showed it. Spaces, quotes and "Bearer" around it are dropped; an unusual shape is accepted.
   * It is stored encrypted and never shown again.
   *
   * @example "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"
   */
  @ApiProperty({ minLength: 1, writeOnly: true })
  @IsString()
  key!: string;
}

/** What is to be different about a key. Give at least one field; what is left out stays as it is. */
export class ApiKeyChanges {
  /** A new name; spaces around it are dropped. @example "Website chat" */
  @IfGiven('name')
  @IsName(100)
  name?: string;

  /** False switches the key off: it is neither checked nor synced. True does not bring a dead key back. @example true */
  @ApiProperty({ required: false })
  @IfGiven('is_active')
  @IsBoolean()
  is_active?: boolean;

  /**
   * Another secret for the same entry, for instance after a rotation. It is checked like that of a new key.
   * For a discovered key: its own secret, which makes it a registered one.
   *
   * @example "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"
   */
  @ApiProperty({ minLength: 1, required: false, writeOnly: true })
  @IfGiven('key')
  @IsString()
  key?: string;
}

/** Which of your keys to list, and in which order. */
export class ApiKeyListQuery {
  /** How many to leave out at the start. @example 0 */
  @IsOptional()
  @IsWholeNumber(0, LARGEST_ID)
  skip: number = 0;

  /** How many to list at most. @example 100 */
  @IsOptional()
  @IsWholeNumber(1, 100)
  limit: number = 100;

  /** What to sort by; keys for which it is not known come last. @example "created_at" */
  @ApiProperty({ enum: SORTS, required: false })
  @IsIn(SORTS)
  sort: ApiKeySort = 'created_at';

  /** Without it names run from A to Z, and everything else begins with the newest, last or dearest. @example "desc" */
  @ApiProperty({ enum: ['asc', 'desc'], required: false })
  @IfGiven('order')
  @IsIn(['asc', 'desc'])
  order?: 'asc' | 'desc';
}

export function pageOf({ skip, limit, sort, order = sort === 'name' ? 'asc' : 'desc' }: ApiKeyListQuery): ApiKeyPage {
  return { skip, limit, sort, order };
}

/** An OpenRouter key and what is known of it; never the key itself. Money is USD. */
@ApiSchema({ name: 'ApiKey' })
export class ShownApiKey {
  /** What it is asked for by. @example 12 */
  @ApiProperty({ type: 'integer' })
  id!: number;

  /** The name you gave it. @example "Website chat" */
  name!: string;

  /** The shortened text by which OpenRouter shows it; null while OpenRouter has not told. @example "sk-or-v1-0e6...1c96" */
  label!: string | null;

  /** `discovered`: found through a management key; its secret is not stored here. @example "standard" */
  @ApiProperty({ enum: KINDS })
  kind!: ApiKeyKind;

  /** What OpenRouter last said about it. @example "limit_reached" */
  @ApiProperty({ enum: STATUSES })
  status!: ApiKeyStatus;

  /** Why it has this status. @example "Its limit is used up. It starts anew on Monday at 00:00 UTC." */
  status_detail!: string | null;

  /** False for expired, disabled, deleted and rejected keys, and for keys that you switched off. @example true */
  is_active!: boolean;

  /** What it may spend in one window; null: as much as it likes. @example 10 */
  @ApiProperty({ type: Number, format: 'decimal', nullable: true })
  limit!: Usd | null;

  /** What is left of the limit in the current window. @example 0 */
  @ApiProperty({ type: Number, format: 'decimal', nullable: true })
  limit_remaining!: Usd | null;

  /** When the limit starts anew, at 00:00 UTC; null: never. @example "weekly" */
  @ApiProperty({ enum: [...LIMIT_RESETS, null], type: String, nullable: true })
  limit_reset!: LimitReset | null;

  /** When it stops working; null: never. @example "2027-01-01T00:00:00.000Z" */
  expires_at!: string | null;

  /** What it has spent in its life, as OpenRouter says. @example 12.345678901 */
  @ApiProperty({ type: Number, format: 'decimal' })
  usage_total!: Usd;

  /** When it was added here. @example "2026-06-15T12:00:00.000Z" */
  created_at!: string;

  /** When OpenRouter last said whether it works. @example "2026-06-20T02:00:03.000Z" */
  last_validated_at!: string | null;

  /** When its usage was last read. @example "2026-06-20T08:00:05.000Z" */
  last_synced_at!: string | null;

  static of(key: ApiKey): ShownApiKey {
    return {
      id: key.id,
      name: key.name,
      label: key.label,
      kind: key.kind,
      status: key.status,
      status_detail: key.statusDetail,
      is_active: key.isActive,
      limit: usdOrNull(key.limit),
      limit_remaining: usdOrNull(key.limitRemaining),
      limit_reset: key.limitReset,
      expires_at: key.expiresAt?.toISOString() ?? null,
      usage_total: new Usd(key.usageTotal),
      created_at: key.createdAt.toISOString(),
      last_validated_at: key.lastValidatedAt?.toISOString() ?? null,
      last_synced_at: key.lastSyncedAt?.toISOString() ?? null,
    };
  }
}

/** A page of your keys. */
export class ApiKeyList {
  /** The keys of this page. */
  items!: ShownApiKey[];

  /** How many keys you have. @example 1 */
  @ApiProperty({ type: 'integer' })
  total!: number;

  /** How many were left out at the start. @example 0 */
  @ApiProperty({ type: 'integer' })
  skip!: number;

  /** How many a page has at most. @example 100 */
  @ApiProperty({ type: 'integer' })
  limit!: number;
}
