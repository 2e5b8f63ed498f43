import { EntityManager } from '@mikro-orm/core';
import { Injectable } from '@nestjs/common';
import { AuditEntry, AuditHead } from './audit-entry.entity.js';
import { AuditTrail } from './audit-trail.repository.js';

/** Reads past the identity map: what counts is what is in the database now, however long the trail is. */
const AS_STORED = { disableIdentityMap: true };

@Injectable()
export class MikroAuditTrail extends AuditTrail {
  constructor(private readonly em: EntityManager) {
    super();
  }

  head(): Promise<AuditHead | null> {
    return this.em.findOne(AuditHead, { id: 1 }, AS_STORED);
  }

  between(first: number, last: number): Promise<AuditEntry[]> {
    const where = { id: { $gte: first, $lte: last } };
    return this.em.find(AuditEntry, where, { ...AS_STORED, orderBy: { id: 'asc' } });
  }
}
