import { Injectable } from '@nestjs/common';
import { UpstreamRepository } from '../upstreams/upstream.repository.js';
import { InvalidUpstream, MissingUpstreams } from './client-key.entity.js';

/** Checks which upstreams a client key may be granted. */
@Injectable()
export class UpstreamGrants {
  constructor(private readonly upstreams: UpstreamRepository) {}

  /**
   * The ids, each once. Those that the key has already may be switched off or gone by now.
   * Throws MissingUpstreams or InvalidUpstream.
   */
  async check(wanted: readonly number[], granted: readonly number[] = []): Promise<number[]> {
    if (wanted.length === 0) throw new MissingUpstreams();
    const added = wanted.filter((id) => !granted.includes(id));
    const active = new Set(await this.upstreams.activeAmong(added));
    const invalid = added.filter((id) => !active.has(id));
    if (invalid.length > 0) throw new InvalidUpstream(invalid);
    return [...new Set(wanted)];
  }
}
