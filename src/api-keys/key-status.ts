import type { NanoUsd } from '../shared/money.js';
import { minuteOf } from '../shared/time/period.js';

/** Statuses of keys that cannot work any more, whatever their owner wants. */
const DEATHS = ['expired', 'disabled', 'deleted', 'rejected'] as const;
export type Death = (typeof DEATHS)[number];

export const STATUSES = ['unverified', 'valid', 'limit_reached', 'expiring', ...DEATHS, 'blocked'] as const;
export type ApiKeyStatus = (typeof STATUSES)[number];
export const DEAD: readonly ApiKeyStatus[] = DEATHS;

export const LIMIT_RESETS = ['daily', 'weekly', 'monthly'] as const;
export type LimitReset = (typeof LIMIT_RESETS)[number];

/** How a key stands, and why, in a sentence for its owner; null where there is nothing to explain. */
export interface Standing {
  status: ApiKeyStatus;
  detail: string | null;
}

/** What decides how a key stands that OpenRouter knows. */
export interface Bounds {
  limitRemaining: NanoUsd | null;
  limitReset: LimitReset | null;
  expiresAt: Date | null;
}

const EXPIRING_MS = 7 * 86_400_000;

/** How a living key stands. A spent limit counts for more than a near expiry: it is what stops the key now. */
export function alive({ limitRemaining, limitReset, expiresAt }: Bounds, now: Date): Standing {
  if (limitRemaining !== null && limitRemaining <= 0n) {
    return { status: 'limit_reached', detail: `Its limit is used up. ${RESETS[limitReset ?? 'never']}` };
  }
  if (expiresAt && expiresAt.getTime() - now.getTime() <= EXPIRING_MS) {
    return { status: 'expiring', detail: `It expires on ${minuteOf(expiresAt)}.` };
  }
  return { status: 'valid', detail: null };
}

/** How a dead key stands. */
export function dead(death: Death): Standing {
  return { status: death, detail: LAST_WORDS[death] };
}

const RESETS: Record<LimitReset | 'never', string> = {
  daily: 'It starts anew at 00:00 UTC.',
  weekly: 'It starts anew on Monday at 00:00 UTC.',
  monthly: 'It starts anew on the first of the month at 00:00 UTC.',
  never: 'Raise it at OpenRouter to use the key again.',
};

const LAST_WORDS: Record<Death, string> = {
  expired: 'It has expired. Make a new key at OpenRouter and enter it here.',
  disabled: 'It was disabled at OpenRouter. Enable it there to use it again.',
  deleted: 'It was deleted at OpenRouter. Make a new key there and enter it here.',
  rejected: 'OpenRouter does not accept it: it was deleted, disabled or mistyped. Enter a key that works.',
};
