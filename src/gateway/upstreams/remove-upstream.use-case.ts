import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { NotFound } from '../../shared/errors.js';
import { GatewayWrites } from '../directories/gateway-writes.js';
import { UpstreamRepository } from './upstream.repository.js';

@Injectable()
export class RemoveUpstream {
  constructor(
    private readonly upstreams: UpstreamRepository,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
    private readonly writes: GatewayWrites,
  ) {}

  /** Client keys that were granted it are answered 503 from now on; its name is free again. */
  execute(id: number): Promise<void> {
    return this.writes.run(async () => {
      const upstream = await this.upstreams.find(id);
      if (!upstream) throw new NotFound('upstream');
      upstream.remove(this.clock.now());
      await this.audit.record({ action: 'upstream.removed', target: `upstream:${id}` });
    });
  }
}
