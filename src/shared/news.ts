/** What can happen to a key that its owner should know. */
export const NOTIFICATION_KINDS = [
  'key_invalid',
  'key_expired',
  'key_expiring',
  'key_limit_reached',
  'key_unreachable',
  'key_blocked',
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** Something happened that a user should know. */
export interface News {
  userId: number;
  kind: NotificationKind;
  /** A sentence for the user. */
  message: string;
  apiKeyId: number | null;
  /** Names the occasion: a second piece of news with the same occasion is not told again. */
  occasion: string;
}
