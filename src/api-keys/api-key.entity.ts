import type { NanoUsd } from '../shared/money.js';
import {
  alive,
  type ApiKeyStatus,
  type Bounds,
  dead,
  DEAD,
  type Death,
  type LimitReset,
  type Standing,
} from './key-status.js';

/** `discovered`: found through a management key; this service has no secret for it. */
export const KINDS = ['standard', 'management', 'discovered'] as const;
export type ApiKeyKind = (typeof KINDS)[number];

/** What OpenRouter shows of a key, whoever asks: the key itself, or a management key that lists it. */
export interface KeyFigures extends Bounds {
  label: string | null;
  usage: NanoUsd;
  limit: NanoUsd | null;
}

/** A good key is sometimes refused for a moment; only a refusal as late as this confirms the first one. */
const CONFIRMATION_MS = 2 * 60_000;
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
  /** Since when nobody finds it any more; it goes for good once its usage is gone, which is in the statistics until then. */
  removedAt: Date | null = null;

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

  /** Takes it from everybody at once; its secret is gone and may be registered again. */
  retire(now: Date): void {
    this.removedAt = now;
    this.isSwitchedOn = false;
    this.sealedSecret = null;
    this.secretHash = null;
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
    this.stand({ status: 'blocked', detail: printable(detail, LONGEST_DETAIL) });
  }

  /** OpenRouter knows the key, but it has nothing left to spend. */
  runOutOfCredit(detail: string, now: Date): void {
    this.answered(now);
    this.stand({ status: 'limit_reached', detail: printable(detail, LONGEST_DETAIL) });
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
    this.stand(alive(this, now));
  }

  private die(death: Death, now: Date): void {
    this.answered(now);
    this.stand(dead(death));
  }

  private stand({ status, detail }: Standing): void {
    this.status = status;
    this.statusDetail = detail;
  }

  private answered(now: Date): void {
    this.lastValidatedAt = now;
    this.refusedAt = null;
    this.unreachableSince = null;
  }

  /** Whatever a key knows when it is new, it knows again; its owner's wish stays. */
  private forgetEverything(): void {
    const { id, isSwitchedOn } = this;
    Object.assign(this, new ApiKey(this.userId, this.name, 'standard', this.createdAt), { id, isSwitchedOn });
  }
}

function printable(text: string, most: number): string {
  return text.replaceAll(/[\p{Cc}\p{Cs}]/gu, ' ').slice(0, most);
}
