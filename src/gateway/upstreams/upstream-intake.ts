import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { Cipher, type SecretPlace } from '../../shared/secrets/cipher.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { AddressRules } from '../proxy/addressing/address-rules.js';
import {
  DuplicateUpstreamName,
  maskOf,
  RegisteredUpstream,
  UnusableApiKey,
  type UpstreamProperties,
} from './upstream.entity.js';
import { UpstreamRepository } from './upstream.repository.js';

/** A secret of the upstream's own, or the id of a registered OpenRouter key. */
export type OfferedCredential = { secret: string } | { apiKeyId: number };

/** Checks what admins say about upstreams, and seals their secrets. */
@Injectable()
export class UpstreamIntake {
  constructor(
    private readonly upstreams: UpstreamRepository,
    private readonly rules: AddressRules,
    private readonly cipher: Cipher,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /** Takes a new upstream in, within a unit of work. Throws DuplicateUpstreamName or UnusableApiKey. */
  async enter(properties: UpstreamProperties, credential: OfferedCredential): Promise<RegisteredUpstream> {
    await this.checkName(properties.name);
    const upstream = new RegisteredUpstream(properties, this.clock.now());
    this.upstreams.add(upstream);
    await this.upstreams.flush();
    await this.take(upstream, credential);
    if (upstream.isDefault) await this.makeOnlyDefault(upstream);
    await this.audit.record({ action: 'upstream.added', target: `upstream:${upstream.id}` });
    return upstream;
  }

  /** Throws AddressRefused for an address that the gateway must not go to. */
  checkAddress(baseUrl: string): void {
    this.rules.parse(baseUrl);
  }

  /** Throws DuplicateUpstreamName if another upstream than `own` has the name. */
  async checkName(name: string, own?: RegisteredUpstream): Promise<void> {
    const namesake = await this.upstreams.findByName(name);
    if (namesake && namesake !== own) throw new DuplicateUpstreamName();
  }

  /** The upstream must have its id. Throws UnusableApiKey. */
  async take(upstream: RegisteredUpstream, offered: OfferedCredential): Promise<void> {
    if ('secret' in offered) {
      const sealedSecret = this.cipher.seal(offered.secret, upstreamSecretPlace(upstream.id));
      return upstream.useCredential({ sealedSecret, secretMask: maskOf(offered.secret), apiKeyId: null });
    }
    if (!(await this.upstreams.canUseApiKey(offered.apiKeyId))) throw new UnusableApiKey();
    upstream.useCredential({ sealedSecret: null, secretMask: null, apiKeyId: offered.apiKeyId });
  }

  /** There is one default upstream at most: the others step back. */
  async makeOnlyDefault(chosen: RegisteredUpstream): Promise<void> {
    for (const upstream of await this.upstreams.list()) {
      if (upstream !== chosen && upstream.isDefault) upstream.stepBack(this.clock.now());
    }
  }
}

/** Where the secret of an upstream is stored; it opens nowhere else. */
export function upstreamSecretPlace(id: number): SecretPlace {
  return { table: 'upstreams', id, column: 'sealed_secret' };
}
