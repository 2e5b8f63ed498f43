import { Injectable } from '@nestjs/common';
import { GatewayWrites } from '../directories/gateway-writes.js';
import { type OfferedCredential, UpstreamIntake } from './upstream-intake.js';
import type { RegisteredUpstream, UpstreamProperties } from './upstream.entity.js';

@Injectable()
export class AddUpstream {
  constructor(
    private readonly intake: UpstreamIntake,
    private readonly writes: GatewayWrites,
  ) {}

  /** Throws AddressRefused, DuplicateUpstreamName or UnusableApiKey. */
  execute(properties: UpstreamProperties, credential: OfferedCredential): Promise<RegisteredUpstream> {
    this.intake.checkAddress(properties.baseUrl);
    return this.writes.run(() => this.intake.enter(properties, credential));
  }
}
