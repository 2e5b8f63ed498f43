import type { AuditEntry, AuditHead } from './audit-entry.entity.js';

/** The audit trail, for reading; AuditLog writes it. */
export abstract class AuditTrail {
  /** How far it goes; null while nothing has been recorded. */
  abstract head(): Promise<AuditHead | null>;
  /** The entries from one id to another, both included, oldest first. */
  abstract between(first: number, last: number): Promise<AuditEntry[]>;
}
