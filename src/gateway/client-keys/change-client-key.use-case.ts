import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { NotFound } from '../../shared/errors.js';
import { GatewayWrites } from '../directories/gateway-writes.js';
import type { ClientKeyProperties, IssuedClientKey } from './client-key.entity.js';
import { ClientKeyRepository } from './client-key.repository.js';
import { UpstreamGrants } from './upstream-grants.js';

@Injectable()
export class ChangeClientKey {
  constructor(
    private readonly keys: ClientKeyRepository,
    private readonly grants: UpstreamGrants,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
    private readonly writes: GatewayWrites,
  ) {}

  /** What is undefined stays as it is. */
  execute(id: number, changes: Partial<ClientKeyProperties>): Promise<IssuedClientKey> {
    return this.writes.run(async (change) => {
      const key = await this.keys.find(id);
      if (!key) throw new NotFound('client key');
      const wanted = changes.upstreamIds;
      const upstreamIds = wanted && (await this.grants.check(wanted, key.upstreamIds));
      key.change({ ...changes, upstreamIds }, this.clock.now(), change);
      await this.audit.record({ action: 'client-key.changed', target: `client-key:${id}` });
      return key;
    });
  }
}
