import type { NanoUsd } from '../shared/money.js';
import type { Hour } from '../shared/time/hour.js';
import type { Day } from '../shared/time/period.js';
import type { OfferedModel } from './offered-model.js';
import type { UsageFigures } from '../shared/usage-figures.js';

/** What a key has spent and may spend. Amounts are exact. */
export interface KeySpending {
  /** Lifetime spend of OpenRouter credits. */
  usage: NanoUsd;
  /** The part of it of the current UTC day. */
  usageToday: NanoUsd;
  /** Lifetime spend on the owner's own provider keys; not part of `usage`. */
  byokUsage: NanoUsd;
  byokUsageToday: NanoUsd;
  limit: NanoUsd | null;
  /** What is left in the current reset window, the narrowest budget included. */
  limitRemaining: NanoUsd | null;
  limitReset: 'daily' | 'weekly' | 'monthly' | null;
  expiresAt: Date | null;
}

/** What OpenRouter says of the key that asks (`GET /key`). */
export interface KeyFacts extends KeySpending {
  label: string | null;
  isManagement: boolean;
}

/**
 * The answer to "what about this key?". Only `refused` speaks against the key itself; the others leave open whether it
 * works. `detail` is a sentence fit for the key's owner and never contains a secret.
 */
export type KeyAnswer =
  | { outcome: 'known'; facts: KeyFacts }
  /** 401. `expired` when OpenRouter says so. */
  | { outcome: 'refused'; expired: boolean; detail: string }
  /** 403: an address allow-list or a policy keeps this server out. */
  | { outcome: 'blocked'; detail: string }
  /** 402: no credit. */
  | { outcome: 'no_credit'; detail: string }
  /** Neither yes nor no: 404, HTML, broken JSON. */
  | { outcome: 'unclear'; detail: string }
  /** 408, 429, 5xx, time-out, no connection. */
  | { outcome: 'unreachable'; detail: string; retryAfterSeconds: number | null };

/** A key as a management key lists it (`GET /keys`). */
export interface AccountKey extends KeySpending {
  hash: string;
  name: string;
  label: string;
  isDisabled: boolean;
  workspaceId: string | null;
  createdAt: Date | null;
  lastUsedAt: Date | null;
}

export interface Credits {
  total: NanoUsd;
  used: NanoUsd;
}

/** What a management key lists. */
export interface KeyListing {
  keys: AccountKey[];
  /** False: there may be more, for a row or a workspace could not be read. What is missing here may well exist. */
  isComplete: boolean;
}

/** What one key used of one model on one UTC day, all endpoints of the model together. */
export interface ModelUsage extends UsageFigures {
  date: Day;
  model: string;
}

/** What one key used of one model in one UTC hour. */
export interface HourUsage extends Pick<UsageFigures, 'requests' | 'tokensInput' | 'tokensOutput' | 'cost'> {
  hour: Hour;
  model: string;
}

/** The hours of one key, all between the two, which are included; one that is not in it was not used, or is not told yet. */
export interface KeyHours {
  hash: string;
  from: Hour;
  through: Hour;
  usage: HourUsage[];
}

/** By what analytics is asked about a key, and by what it answers. */
export type NamedKey = Pick<AccountKey, 'hash' | 'name'>;

/** A key and the first hour of it that is wanted. */
export interface WantedHours extends NamedKey {
  from: Hour;
}

/**
 * OpenRouter, asked with somebody's key. Each call has a time limit; none changes anything there. When `signal` aborts,
 * a call throws its reason.
 */
export abstract class OpenRouter {
  /** Never throws for what OpenRouter answers or fails to answer. */
  abstract describeKey(secret: string, signal?: AbortSignal): Promise<KeyAnswer>;

  /**
   * Every model that has a price, of all kinds. Needs no key. Throws OpenRouterUnavailable, also for a list of which
   * nothing can be read.
   */
  abstract models(signal?: AbortSignal): Promise<OfferedModel[]>;

  // What follows needs a management key. Throws OpenRouterDenied for a 401 or 403, OpenRouterUnavailable for the rest,
  // and never shows a part as if it were the whole.

  /** The keys of the account, of all workspaces, disabled and expired ones included. */
  abstract listKeys(secret: string, signal?: AbortSignal): Promise<KeyListing>;
  abstract credits(secret: string, signal?: AbortSignal): Promise<Credits>;
  /** What a key used on the last 30 completed UTC days, or on one of them (`GET /activity`). */
  abstract activity(secret: string, keyHash: string, day?: Day, signal?: AbortSignal): Promise<ModelUsage[]>;
  /**
   * What a key has used since the UTC day began (`POST /analytics/query`). Provisional: once the day is over, `activity`
   * tells it anew, perhaps under other names of the same models.
   */
  abstract usageOfDay(secret: string, keyHash: string, day: Day, signal?: AbortSignal): Promise<ModelUsage[]>;
  /**
   * What keys have used by the hour, each since its own `from`, in as few questions as can be, which is one unless names are
   * alike or answers too long. Those that come first are asked about first. A key that this would take too many of is left out, and so is one of whose rows some
   * cannot be read; of others the last hours may be. Where a later question fails, what
   * the ones before it told is told.
   */
  abstract usageByHour(
    secret: string,
    wanted: readonly WantedHours[],
    through: Hour,
    signal?: AbortSignal,
  ): Promise<KeyHours[]>;
}

/** OpenRouter will not do this for that key. */
export class OpenRouterDenied extends Error {
  constructor(
    readonly status: 401 | 403,
    detail: string,
  ) {
    super(detail);
    this.name = 'OpenRouterDenied';
  }
}

/** OpenRouter did not answer, or not in a way that can be understood. */
export class OpenRouterUnavailable extends Error {
  constructor(
    detail: string,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail);
    this.name = 'OpenRouterUnavailable';
  }
}

/** Whether OpenRouter is to blame, not this service. */
export function isFromOpenRouter(error: unknown): error is OpenRouterDenied | OpenRouterUnavailable {
  return error instanceof OpenRouterDenied || error instanceof OpenRouterUnavailable;
}
