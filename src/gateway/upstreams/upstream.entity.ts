import { DomainError } from '../../shared/errors.js';

const LEAST_MASKED = 8;

/** Where its key comes from: a secret of its own, or an OpenRouter key that somebody has registered here. */
export type UpstreamCredential =
  | { sealedSecret: string; secretMask: string; apiKeyId: null }
  | { sealedSecret: null; secretMask: null; apiKeyId: number };

/** What an admin may say about an upstream besides its key. */
export interface UpstreamProperties {
  name: string;
  provider: string;
  baseUrl: string;
  timeoutSeconds: number;
  isDefault: boolean;
  isActive: boolean;
}

/** A provider's API that the gateway may send requests to. Removing it keeps the row: the log still names it. */
export class RegisteredUpstream implements UpstreamProperties {
  readonly id!: number;
  /** AES-256-GCM, bound to this row. */
  sealedSecret: string | null = null;
  /** What of the secret may be shown. */
  secretMask: string | null = null;
  /** The registered OpenRouter key whose secret is used; it may be gone by now. */
  apiKeyId: number | null = null;
  name!: string;
  provider!: string;
  baseUrl!: string;
  timeoutSeconds!: number;
  isDefault!: boolean;
  isActive!: boolean;
  updatedAt: Date;
  deletedAt: Date | null = null;

  constructor(
    properties: UpstreamProperties,
    readonly createdAt: Date,
  ) {
    this.updatedAt = createdAt;
    Object.assign(this, properties);
  }

  change(changes: Partial<UpstreamProperties>, now: Date): void {
    const known = Object.entries(changes).filter(([, value]) => value !== undefined);
    Object.assign(this, Object.fromEntries(known));
    this.updatedAt = now;
  }

  useCredential(credential: UpstreamCredential): void {
    Object.assign(this, credential);
  }

  /** Another one is the default one now. */
  stepBack(now: Date): void {
    this.isDefault = false;
    this.updatedAt = now;
  }

  remove(now: Date): void {
    this.deletedAt = now;
    this.isDefault = false;
    this.updatedAt = now;
  }
}

/** What may be shown of a secret: its first three and last four characters, or nothing of a short one. */
export function maskOf(secret: string): string {
  return secret.length < LEAST_MASKED ? '***' : `${secret.slice(0, 3)}***${secret.slice(-4)}`;
}

/** Another upstream has that name. */
export class DuplicateUpstreamName extends DomainError {
  readonly refusal = 'invalid';
  readonly code = 'duplicate_name';

  constructor() {
    super('Another upstream has this name already. Choose another name.');
  }
}

/** The registered key that an upstream should use cannot be used. */
export class UnusableApiKey extends DomainError {
  readonly refusal = 'invalid';
  readonly code = 'invalid_api_key_id';

  constructor() {
    super('No registered OpenRouter key with this id can be used. Name one that is active and whose secret is stored.');
  }
}
