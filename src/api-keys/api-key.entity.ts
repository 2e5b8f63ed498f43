import { Unprocessable } from '../shared/errors.js';
import type { NanoUsd } from '../shared/money.js';

/** `discovered`: found through a management key; this service has no secret for it. */
export const KINDS = ['standard', 'management', 'discovered'] as const;
export type ApiKeyKind = (typeof KINDS)[number];

/** Statuses of keys that cannot work any more, whatever their owner wants. */
const DEATHS = ['expired', 'disabled', 'deleted', 'rejected'] as const;
export type Death = (typeof DEATHS)[number];

export const STATUSES = ['unverified', 'valid', 'limit_reached', 'expiring', ...DEATHS, 'blocked'] as const;
export type ApiKeyStatus = (typeof STATUSES)[number];
export const DEAD: readonly ApiKeyStatus[] = DEATHS;

export const LIMIT_RESETS = ['daily', 'weekly', 'monthly'] as const;
export type LimitReset = (typeof LIMIT_RESETS)[number];

/** What OpenRouter shows of a key, whoever asks: the key itself, or a management key that lists it. */
export interface KeyFigures {
  label: string | null;
  usage: NanoUsd;
  limit: NanoUsd | null;
  limitRemaining: NanoUsd | null;
  limitReset: LimitReset | null;
  expiresAt: Date | null;
}

const DAY_MS = 86_400_000;
const EXPIRING_MS = 7 * DAY_MS;
/** A good key is sometimes refused for a moment; only a refusal as late as this confirms the first one. */
const CONFIRMATION_MS = 2 * 60_000;
const LONGEST_NAME = 100;
const LONGEST_LABEL = 100;
const LONGEST_DETAIL = 500;

/** An OpenRouter key that somebody keeps here, or that one of their management keys has shown us. */
export class ApiKey {
  readonly id!: number;
  /** AES-256-GCM, bound to this row. Null for discovered keys. */
  sealedSecret: string | null = null;
  /** SHA-256 of the secret, so that the same key is not registered twice. Null for discovered keys. */
  secretHash: string | null = null;

  status: ApiKeyStatus = 'unverified';
  /** Why it has this status, in a sentence. */
  statusDetail: string | null = null;
  /** What its owner wants; a dead key is inactive all the same. */
  isSwitchedOn = true;

  /** The shortened text OpenRouter shows, `sk-or-v1-0e6...1c96`. */
  label: string | null = null;
  /** OpenRouter's own name for it, 64 hex characters; known once a management key has listed it. */
  openRouterHash: string | null = null;
  /** The management key that listed it. */
  managedById: number | null = null;
  workspaceId: string | null = null;

  limit: NanoUsd | null = null;
  /** What is left in the current reset window. */
  limitRemaining: NanoUsd | null = null;
  limitReset: LimitReset | null = null;
  expiresAt: Date | null = null;
  /** What OpenRouter says it has spent in its life. */
  usageTotal: NanoUsd = 0n;
  /** Of a management key: credits bought and used by the whole account. */
  accountCredits: NanoUsd | null = null;
  accountUsage: NanoUsd | null = null;

  lastUsedAt: Date | null = null;
  /** The last time OpenRouter answered the question whether it works. */
  lastValidatedAt: Date | null = null;
  lastSyncedAt: Date | null = null;
  /** When OpenRouter first refused it with a 401 that a second one has not confirmed yet. */
  refusedAt: Date | null = null;
  /** Since when it could not be checked. */
  unreachableSince: Date | null = null;

  constructor(
    readonly userId: number,
    public name: string,
    public kind: ApiKeyKind,
    readonly createdAt: Date,
  ) {}

  /** Whether it can be used: its owner wants it to, and OpenRouter has not said otherwise. */
  get isActive(): boolean {
    return this.isSwitchedOn && !this.isDead;
  }

  get isDead(): boolean {
    return DEAD.includes(this.status);
  }

  /** Keeps a secret. If it is another than before, all that was known of the old one is forgotten. */
  keepSecret(sealedSecret: string, secretHash: string): void {
    if (this.secretHash !== null && this.secretHash !== secretHash) this.forgetEverything();
    this.sealedSecret = sealedSecret;
    this.secretHash = secretHash;
  }

  /**
   * Whether a secret may be that of this discovered key: by its hash, by the label that OpenRouter gave it, or because
   * its ends are those that the label of this key shows.
   */
  mayHaveSecret(secret: string, secretHash: string, label: string | null): boolean {
    if (this.kind !== 'discovered') return false;
    if (this.openRouterHash === secretHash || (label !== null && label === this.label)) return true;
    const [, start, end] = /^(.{12,})\.{3}(.{3,})$/.exec(this.label ?? '') ?? [];
    return start !== undefined && end !== undefined && secret.startsWith(start) && secret.endsWith(end);
  }

  /** Makes a discovered key one that its owner has registered; its usage and what is known of it stay. */
  adopt(): void {
    this.kind = 'standard';
    this.isSwitchedOn = true;
  }

  /** The key itself was asked and works. A key that was thought dead lives again. */
  confirm(facts: KeyFigures & { isManagement: boolean }, now: Date): void {
    if (this.kind !== 'discovered') this.kind = facts.isManagement ? 'management' : 'standard';
    this.learn(facts, now);
  }

  /** A management key lists it, enabled. For keys without a secret here: the others are asked themselves. */
  showFigures(figures: KeyFigures, now: Date): void {
    this.learn(figures, now);
    if (this.expiresAt && this.expiresAt <= now) this.die('expired', now);
  }

  /**
   * OpenRouter refuses it with a 401. Its stored expiry may explain that; otherwise it counts once it is confirmed:
   * by a second refusal minutes after the first, or by whoever has asked twice before coming here (`isConfirmed`).
   */
  refuse(now: Date, isConfirmed: boolean): void {
    if (this.isDead) return this.answered(now);
    if (this.expiresAt && this.expiresAt <= now) return this.die('expired', now);
    if (isConfirmed || (this.refusedAt && now.getTime() - this.refusedAt.getTime() >= CONFIRMATION_MS)) {
      return this.die('rejected', now);
    }
    this.refusedAt ??= now;
    this.unreachableSince = null;
    this.statusDetail = 'OpenRouter has refused this key once. It will be asked again before that counts.';
  }

  /** OpenRouter says that it has expired. */
  expire(now: Date): void {
    this.die('expired', now);
  }

  /** A management key shows it disabled. Speaks about a key with a secret only once that was refused. */
  provenDisabled(now: Date): void {
    if (this.isOpenToProof) this.die('disabled', now);
  }

  /** A management key that once listed it lists it no longer. Management keys are never listed, so it proves nothing of them. */
  provenDeleted(now: Date): void {
    if (this.isOpenToProof && this.openRouterHash !== null) this.die('deleted', now);
  }

  /** A management key shows an expiry that has passed. */
  provenExpired(now: Date): void {
    if (this.isOpenToProof) this.die('expired', now);
  }

  /** OpenRouter does not let this server ask: an address allow-list or a policy. That says nothing about the key itself. */
  block(detail: string): void {
    this.unreachableSince = null;
    if (this.isDead) return;
    this.status = 'blocked';
    this.statusDetail = printable(detail, LONGEST_DETAIL);
  }

  /** OpenRouter knows the key, but it has nothing left to spend. */
  runOutOfCredit(detail: string, now: Date): void {
    this.answered(now);
    this.status = 'limit_reached';
    this.statusDetail = printable(detail, LONGEST_DETAIL);
  }

  /** No answer, or none that can be understood: whatever was known of it stays. */
  miss(now: Date): void {
    this.unreachableSince ??= now;
    if (this.status === 'unverified' && !this.refusedAt) {
      this.statusDetail = 'OpenRouter could not be asked yet. It will be asked again within the hour.';
    }
  }

  /** What the account behind a management key has bought and used; null if this key may not know. */
  showBalance(credits: { total: NanoUsd; used: NanoUsd } | null): void {
    this.accountCredits = credits && credits.total;
    this.accountUsage = credits && credits.used;
  }

  /** Its usage is known up to `now`; `usedAt`, if known, is when it was used. */
  wasSynced(now: Date, usedAt: Date | null = null): void {
    this.lastSyncedAt = now;
    if (usedAt && (!this.lastUsedAt || this.lastUsedAt < usedAt)) this.lastUsedAt = usedAt;
  }

  private get isOpenToProof(): boolean {
    if (this.kind === 'discovered') return true;
    return this.kind === 'standard' && (this.refusedAt !== null || this.isDead);
  }

  private learn(figures: KeyFigures, now: Date): void {
    this.label = figures.label === null ? this.label : printable(figures.label, LONGEST_LABEL);
    this.usageTotal = figures.usage;
    this.limit = figures.limit;
    this.limitRemaining = figures.limitRemaining;
    this.limitReset = figures.limitReset;
    // An expiry is fixed when a key is made; an answer that leaves it out does not take it away.
    this.expiresAt = figures.expiresAt ?? this.expiresAt;
    this.answered(now);
    this.status = this.livingStatus(now);
    this.statusDetail = this.livingDetail();
  }

  /** A spent limit counts for more than a near expiry: it is what stops the key now. */
  private livingStatus(now: Date): ApiKeyStatus {
    if (this.limitRemaining !== null && this.limitRemaining <= 0n) return 'limit_reached';
    if (this.expiresAt && this.expiresAt.getTime() - now.getTime() <= EXPIRING_MS) return 'expiring';
    return 'valid';
  }

  private livingDetail(): string | null {
    if (this.status === 'limit_reached') return `Its limit is used up. ${RESETS[this.limitReset ?? 'never']}`;
    if (this.status === 'expiring') return `It expires on ${minuteOf(this.expiresAt!)}.`;
    return null;
  }

  private die(death: Death, now: Date): void {
    this.answered(now);
    this.status = death;
    this.statusDetail = LAST_WORDS[death];
  }

  private answered(now: Date): void {
    this.lastValidatedAt = now;
    this.refusedAt = null;
    this.unreachableSince = null;
  }

  private forgetEverything(): void {
    Object.assign(this, UNKNOWN);
  }
}

/** What is known of a key whose secret has just come in: nothing. */
const UNKNOWN = {
  kind: 'standard',
  status: 'unverified',
  statusDetail: null,
  label: null,
  openRouterHash: null,
  managedById: null,
  workspaceId: null,
  limit: null,
  limitRemaining: null,
  limitReset: null,
  expiresAt: null,
  usageTotal: 0n,
  accountCredits: null,
  accountUsage: null,
  lastUsedAt: null,
  lastValidatedAt: null,
  lastSyncedAt: null,
  refusedAt: null,
  unreachableSince: null,
} as const satisfies Partial<ApiKey>;

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

/** A key's name without the spaces around it; 1 to 100 printable characters. */
export function keyName(text: string): string {
  const name = text.trim();
  const length = [...name].length;
  if (length < 1 || length > LONGEST_NAME) throw badName(`The name must have 1 to ${LONGEST_NAME} characters.`);
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) throw badName('The name must not contain control characters.');
  return name;
}

function badName(message: string): Unprocessable {
  return new Unprocessable({ field: 'name', message });
}

/** An instant for people, to the minute: `2026-06-20 12:00 UTC`. */
export function minuteOf(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function printable(text: string, most: number): string {
  return text.replaceAll(/[\p{Cc}\p{Cs}]/gu, ' ').slice(0, most);
}
