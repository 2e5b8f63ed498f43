import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { NotFound } from '../../shared/errors.js';
import { GatewayWrites } from '../directories/gateway-writes.js';
import { type OfferedCredential, UpstreamIntake } from './upstream-intake.js';
import type { RegisteredUpstream, UpstreamProperties } from './upstream.entity.js';
import { UpstreamRepository } from './upstream.repository.js';

@Injectable()
export class ChangeUpstream {
  constructor(
    private readonly upstreams: UpstreamRepository,
    private readonly intake: UpstreamIntake,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
    private readonly writes: GatewayWrites,
  ) {}

  /** What is not said stays as it is. Calls under way end as they began. */
  execute(
    id: number,
    changes: Partial<UpstreamProperties>,
    credential: OfferedCredential | null,
  ): Promise<RegisteredUpstream> {
    if (changes.baseUrl !== undefined) this.intake.checkAddress(changes.baseUrl);
    return this.writes.run(async () => {
      const upstream = await this.upstreams.find(id);
      if (!upstream) throw new NotFound('upstream');
      if (changes.name !== undefined) await this.intake.checkName(changes.name, upstream);
      upstream.change(changes, this.clock.now());
      if (credential) await this.intake.take(upstream, credential);
      if (upstream.isDefault) await this.intake.makeOnlyDefault(upstream);
      await this.audit.record({ action: 'upstream.changed', target: `upstream:${id}` });
      return upstream;
    });
  }
}
