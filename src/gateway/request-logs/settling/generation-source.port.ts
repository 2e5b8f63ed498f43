import type { Upstream } from '../../proxy/access/upstream-directory.port.js';
import type { LateUsage } from '../request-log.repository.js';

/** Providers that can be asked, after a call, what it has used and cost. */
export abstract class GenerationSource {
  /** Null while the provider does not know it yet, cannot be asked, or has no such question. Never throws. */
  abstract usageOf(upstream: Upstream, generationId: string): Promise<LateUsage | null>;
}
