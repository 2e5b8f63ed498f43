import { Injectable } from '@nestjs/common';
import { BEFORE_THE_FIRST } from './audit-entry.entity.js';
import { AuditTrail } from './audit-trail.repository.js';

const BATCH = 1_000;

/** What a walk along the audit trail has found. */
export interface AuditVerdict {
  /** How many entries, from the first on, are as they were written. */
  intact: number;
  /** The first entry that was changed or is missing; null if all is well. */
  brokenAt: number | null;
  /** The hash of the last intact entry. Kept elsewhere, it shows later that nobody has written the whole trail anew. */
  hash: string;
}

/** Tells whether anybody has changed or removed what was recorded. Entries that are written meanwhile are left out. */
@Injectable()
export class VerifyAudit {
  constructor(private readonly trail: AuditTrail) {}

  async execute(): Promise<AuditVerdict> {
    const head = await this.trail.head();
    const { entries, hash: lastHash } = head ?? { entries: 0, hash: BEFORE_THE_FIRST };
    let intact = 0;
    let hash = BEFORE_THE_FIRST;
    while (intact < entries) {
      const batch = await this.trail.between(intact + 1, Math.min(intact + BATCH, entries));
      if (batch.length === 0) return { intact, brokenAt: intact + 1, hash };
      for (const entry of batch) {
        if (!entry.isIntact(intact + 1, hash)) return { intact, brokenAt: intact + 1, hash };
        ({ hash } = entry);
        intact++;
      }
    }
    return { intact, brokenAt: hash === lastHash ? null : intact, hash };
  }
}
