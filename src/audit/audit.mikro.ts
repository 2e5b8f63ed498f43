import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { type AuditEvent, AuditLog } from '../shared/audit.port.js';
import { Clock } from '../shared/time/clock.port.js';
import { type CurrentRequest, currentRequest } from '../shared/logging/current-request.js';
import { AuditEntry, BEFORE_THE_FIRST } from './audit-entry.entity.js';

/** The one row of audit_head. */
const HEAD = 1;

/** Appends to the trail within the unit of work of the deed; the row that holds its end lets one at a time append. */
@Injectable()
export class MikroAuditLog extends AuditLog {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly clock: Clock,
  ) {
    super();
  }

  async record(event: AuditEvent): Promise<void> {
    if (!this.em.isInTransaction()) throw new Error(`"${event.action}" was recorded outside a unit of work.`);
    // Every other row is locked before the end of the trail is, always in this order, so that no two wait for each other.
    await this.em.flush();
    const { entries, hash } = await this.takeEnd();
    const entry = newEntry(entries, hash, event, this.clock.now());
    await this.em.insert(AuditEntry, entry);
    await this.em.execute('update audit_head set hash = ? where id = ?', [entry.hash, HEAD]);
  }

  async forgetAddressesOf(userId: number): Promise<void> {
    const person = `user:${userId}`;
    await this.em.execute('update audit_events set ip = null where actor = ? or target = ?', [person, person]);
  }

  /** Locks the end until the unit of work is over. Returns the new number of entries and the hash of the last one. */
  private async takeEnd(): Promise<{ entries: number; hash: string }> {
    const [head] = await this.em.execute<[{ entries: number; hash: string }]>(
      `insert into audit_head (id, entries, hash) values (?, 1, ?)
       on conflict (id) do update set entries = audit_head.entries + 1 returning entries, hash`,
      [HEAD, BEFORE_THE_FIRST],
    );
    return head;
  }
}

function newEntry(id: number, previousHash: string, event: AuditEvent, at: Date): AuditEntry {
  const request = currentRequest.getStore();
  const { action, target, actor = actorOf(request), result = 'done' } = event;
  return new AuditEntry(id, at, actor, request?.ip ?? null, action, target, result, previousHash);
}

function actorOf(request: CurrentRequest | undefined): string {
  if (!request) return 'system';
  if (request.principal) return `user:${request.principal.id}`;
  return request.isOperator ? 'operator' : 'anybody';
}
