import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { fingerprint, newSecret } from '../../shared/secrets/secret.js';
import { GatewayWrites } from '../directories/gateway-writes.js';
import { type ClientKeyProperties, IssuedClientKey, KEY_START, prefixOf } from './client-key.entity.js';
import { ClientKeyRepository } from './client-key.repository.js';
import { UpstreamGrants } from './upstream-grants.js';

@Injectable()
export class IssueClientKey {
  constructor(
    private readonly keys: ClientKeyRepository,
    private readonly grants: UpstreamGrants,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
    private readonly writes: GatewayWrites,
  ) {}

  /** Returns the text once; afterwards nobody, this service included, can read it. */
  execute(properties: ClientKeyProperties): Promise<{ key: IssuedClientKey; text: string }> {
    return this.writes.run(async (change) => {
      const upstreamIds = await this.grants.check(properties.upstreamIds);
      const text = KEY_START + newSecret();
      const now = this.clock.now();
      const key = new IssuedClientKey({ ...properties, upstreamIds }, fingerprint(text), prefixOf(text), now, change);
      this.keys.add(key);
      await this.keys.flush();
      await this.audit.record({ action: 'client-key.issued', target: `client-key:${key.id}` });
      return { key, text };
    });
  }
}
