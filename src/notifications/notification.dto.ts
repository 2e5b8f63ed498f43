import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsFlag } from '../shared/http/fields/flag.field.js';
import { IsWholeNumber, LARGEST_ID } from '../shared/http/fields/whole-number.field.js';
import { NOTIFICATION_KINDS, type NotificationKind } from '../shared/news.js';
import type { Notification } from './notification.entity.js';

/** Which of your notifications to list. */
export class NotificationListQuery {
  /** Whether only those are listed that you have not read. @example false */
  @IsOptional()
  @IsFlag()
  unread: boolean = false;

  /** How many to leave out at the start. @example 0 */
  @IsOptional()
  @IsWholeNumber(0, LARGEST_ID)
  skip: number = 0;

  /** How many to list at most. @example 100 */
  @IsOptional()
  @IsWholeNumber(1, 100)
  limit: number = 100;
}

/** Something that happened to one of your keys. */
@ApiSchema({ name: 'Notification' })
export class ShownNotification {
  /** What it is marked as read by. @example 7 */
  @ApiProperty({ type: 'integer' })
  id!: number;

  /** What kind of thing happened. @example "key_expiring" */
  @ApiProperty({ enum: NOTIFICATION_KINDS })
  kind!: NotificationKind;

  /** What happened, and what to do. */
  @ApiProperty({ example: 'Your key "Website chat": It expires on 2026-06-20 12:00 UTC. Make a new key in time.' })
  message!: string;

  /** The key it happened to; null if that has been removed. @example 12 */
  @ApiProperty({ type: 'integer', nullable: true })
  api_key_id!: number | null;

  /** When it was noticed. @example "2026-06-15T12:00:00.000Z" */
  created_at!: string;

  /** When you read it; null if you have not. @example "2026-06-15T13:00:00.000Z" */
  read_at!: string | null;

  static of({ id, kind, message, apiKeyId, createdAt, readAt }: Notification): ShownNotification {
    return {
      id,
      kind,
      message,
      api_key_id: apiKeyId,
      created_at: createdAt.toISOString(),
      read_at: readAt?.toISOString() ?? null,
    };
  }
}

/** A page of your notifications, newest first. */
export class NotificationList {
  /** The notifications of this page. */
  items!: ShownNotification[];

  /** How many there are to list. @example 1 */
  @ApiProperty({ type: 'integer' })
  total!: number;

  /** How many of all your notifications you have not read. @example 1 */
  @ApiProperty({ type: 'integer' })
  unread!: number;
}
