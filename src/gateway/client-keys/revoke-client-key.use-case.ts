import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { NotFound } from '../../shared/errors.js';
import { GatewayWrites } from '../directories/gateway-writes.js';
import { ClientKeyRepository } from './client-key.repository.js';

@Injectable()
export class RevokeClientKey {
  constructor(
    private readonly keys: ClientKeyRepository,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
    private readonly writes: GatewayWrites,
  ) {}

  /** The key opens nothing from now on. Revoking twice changes nothing. */
  execute(id: number): Promise<void> {
    return this.writes.run(async (change) => {
      const key = await this.keys.find(id);
      if (!key) throw new NotFound('client key');
      if (!key.revoke(this.clock.now(), change)) return;
      await this.audit.record({ action: 'client-key.revoked', target: `client-key:${id}` });
    });
  }
}
