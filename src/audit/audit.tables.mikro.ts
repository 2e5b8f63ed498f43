import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { AuditEntry, AuditHead, type AuditResult } from './audit-entry.entity.js';

/** No foreign keys: what was done stays known when those who did it are gone. */
export const AuditEntryTable = defineEntity({
  class: AuditEntry,
  tableName: 'audit_events',
  properties: {
    id: p.integer().primary().autoincrement(false),
    at: p.datetime(3),
    actor: p.string().length(100).index(),
    // A link-local address names its interface too.
    ip: p.string().length(64).nullable(),
    action: p.string().length(64),
    target: p.string().length(100).index(),
    result: p.string().length(16).$type<AuditResult>(),
    previousHash: p.string().length(64),
    hash: p.string().length(64),
  } satisfies Record<EntityKey<AuditEntry>, unknown>,
});

export const AuditHeadTable = defineEntity({
  class: AuditHead,
  tableName: 'audit_head',
  properties: {
    id: p.integer().primary().autoincrement(false),
    entries: p.integer(),
    hash: p.string().length(64),
  } satisfies Record<EntityKey<AuditHead>, unknown>,
});
