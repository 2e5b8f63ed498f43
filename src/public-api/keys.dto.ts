import { ApiProperty } from '@nestjs/swagger';
import { Usd } from '../shared/money.js';
import type { KeyTotals } from '../usage/reading/usage.reports.js';

/** What went through a key since it is known here. Clean-ups change nothing about it. */
export class KeyStats {
  /** How many requests were made. @example 15200 */
  total_requests!: number;

  /** What OpenRouter charged, in USD. */
  @ApiProperty({ type: Number, format: 'decimal', example: 123.456789012 })
  total_cost!: Usd;
}

/** An OpenRouter key of the owner of the token; never the key itself. */
export class KeyEntry {
  /** Its number here. @example 7 */
  id!: number;

  /** The name that its owner gave it. @example "production" */
  name!: string;

  /** Whether it can be used: switched on, and neither expired, disabled, deleted nor rejected. @example true */
  is_active!: boolean;

  stats!: KeyStats;

  static of({ id, name, isActive, requests, cost }: KeyTotals): KeyEntry {
    return { id, name, is_active: isActive, stats: { total_requests: requests, total_cost: new Usd(cost) } };
  }
}

/** All keys of the owner of the token, oldest first. */
export class KeyList {
  items!: KeyEntry[];

  /** How many they are. @example 3 */
  total!: number;

  static of(keys: KeyTotals[]): KeyList {
    return { items: keys.map((key) => KeyEntry.of(key)), total: keys.length };
  }
}
