import { DomainError, Unprocessable } from '../../shared/errors.js';
import type { NanoUsd } from '../../shared/money.js';

export const KEY_START = 'sk-auto-';
const SHOWN_CHARACTERS = 12;

/** Days and months in UTC; weeks begin on Monday. */
export type BudgetPeriod = 'day' | 'week' | 'month';

/** What a client key may use; null is no limit. */
export interface KeyLimits {
  /** Requests a minute. */
  rpm: number | null;
  /** Tokens a minute. */
  tpm: number | null;
  /** Requests at the same time. */
  maxParallel: number | null;
  /** The models it may ask for; `*` stands for anything. */
  models: string[] | null;
  /** What it may spend in each period. */
  budget: NanoUsd | null;
  budgetPeriod: BudgetPeriod | null;
}

export const NO_LIMITS: KeyLimits = {
  rpm: null,
  tpm: null,
  maxParallel: null,
  models: null,
  budget: null,
  budgetPeriod: null,
};

/** What an admin may say about a client key. */
export interface ClientKeyProperties {
  name: string;
  description: string | null;
  /** In the order in which they are tried. */
  upstreamIds: number[];
  /** Null: never. */
  expiresAt: Date | null;
  limits: KeyLimits;
}

/** Opens the gateway to a team or a program. Only the hash of its text is kept. */
export class IssuedClientKey {
  readonly id!: number;
  name!: string;
  description!: string | null;
  upstreamIds!: number[];
  expiresAt!: Date | null;
  /** Moves forward only, about once a second while the key is in use. */
  readonly lastUsedAt: Date | null = null;
  revokedAt: Date | null = null;
  rpm!: number | null;
  tpm!: number | null;
  maxParallel!: number | null;
  models!: string[] | null;
  budget!: NanoUsd | null;
  budgetPeriod!: BudgetPeriod | null;

  /** Refuses an expiry that is not after `createdAt`. */
  constructor(
    properties: ClientKeyProperties,
    readonly keyHash: string,
    readonly keyPrefix: string,
    readonly createdAt: Date,
    /** The number of the change by which the other instances learn of it. */
    public changedIn: number,
  ) {
    this.change(properties, createdAt, changedIn);
  }

  get limits(): KeyLimits {
    const { rpm, tpm, maxParallel, models, budget, budgetPeriod } = this;
    return { rpm, tpm, maxParallel, models, budget, budgetPeriod };
  }

  /** What is undefined stays. Refuses an expiry that is not in the future, and any change of a revoked key. */
  change({ limits, ...rest }: Partial<ClientKeyProperties>, now: Date, change: number): void {
    if (this.revokedAt) throw new ClientKeyRevoked();
    if (rest.expiresAt && rest.expiresAt <= now) {
      throw new Unprocessable({ field: 'expires_at', message: 'expires_at must be in the future.' });
    }
    const known = Object.entries({ ...rest, ...limits }).filter(([, value]) => value !== undefined);
    Object.assign(this, Object.fromEntries(known));
    this.changedIn = change;
  }

  isActive(now: Date): boolean {
    return !this.revokedAt && !(this.expiresAt && this.expiresAt <= now);
  }

  /** Returns whether that changed anything: a key is revoked once. */
  revoke(now: Date, change: number): boolean {
    if (this.revokedAt) return false;
    this.revokedAt = now;
    this.changedIn = change;
    return true;
  }
}

/** What of a key's text may be shown for ever. */
export function prefixOf(text: string): string {
  return text.slice(0, SHOWN_CHARACTERS);
}

/** A client key would open nothing. */
export class MissingUpstreams extends DomainError {
  readonly refusal = 'invalid';
  readonly code = 'missing_upstreams';

  constructor() {
    super('A client key needs at least one upstream. Name one in upstream_ids.');
  }
}

/** A client key would be granted an upstream that is not there, or switched off. */
export class InvalidUpstream extends DomainError {
  readonly refusal = 'invalid';
  readonly code = 'invalid_upstream';

  constructor(ids: number[]) {
    super(`No active upstream has the number ${ids.join(', ')}. Correct upstream_ids.`);
  }
}

/** A revoked key stays as it was. */
export class ClientKeyRevoked extends DomainError {
  readonly refusal = 'conflict';
  readonly code = 'key_revoked';

  constructor() {
    super('This client key is revoked and cannot be changed. Issue another one.');
  }
}
