import { fingerprint } from '../shared/secrets/secret.js';

/** Whether the deed was done, or tried and turned down. */
export type AuditResult = 'done' | 'refused';

/** The hash before the first entry. */
export const BEFORE_THE_FIRST = '0'.repeat(64);

/**
 * One line of the audit trail. Its hash covers what it says and the hash of the entry before, so that no entry can be
 * changed, removed or put in between unnoticed. The address is not covered: it is personal, and goes with the account.
 */
export class AuditEntry {
  readonly hash: string;

  constructor(
    /** 1, 2, 3 …, without gaps. */
    readonly id: number,
    readonly at: Date,
    readonly actor: string,
    readonly ip: string | null,
    readonly action: string,
    readonly target: string,
    readonly result: AuditResult,
    readonly previousHash: string,
  ) {
    this.hash = hashOf(this);
  }

  /** Whether it is what was written as entry `id` after the entry with this hash. */
  isIntact(id: number, previousHash: string): boolean {
    return this.id === id && this.previousHash === previousHash && this.hash === hashOf(this);
  }
}

/** How far the trail goes: an entry that is cut off its end is missed. */
export class AuditHead {
  constructor(
    readonly id: number,
    readonly entries: number,
    readonly hash: string,
  ) {}
}

function hashOf({
  id,
  previousHash,
  at,
  actor,
  action,
  target,
  result,
}: Omit<AuditEntry, 'hash' | 'isIntact'>): string {
  return fingerprint(JSON.stringify([previousHash, id, at.toISOString(), actor, action, target, result]));
}
