import { type AuditEvent, AuditLog } from '../../src/shared/audit.port.js';

/** Remembers what was recorded, for a spec to look at. */
export class MemoryAuditLog extends AuditLog {
  readonly events: AuditEvent[] = [];

  async record(event: AuditEvent): Promise<void> {
    this.events.push(event);
  }

  async forgetAddressesOf(): Promise<void> {}
}
