import type { RegisteredUpstream } from './upstream.entity.js';

/** Every upstream that was not removed. To change one: find it, change it, leave the unit of work. */
export abstract class UpstreamRepository {
  abstract add(upstream: RegisteredUpstream): void;
  abstract find(id: number): Promise<RegisteredUpstream | null>;
  abstract findByName(name: string): Promise<RegisteredUpstream | null>;
  /** In the order in which they were added. */
  abstract list(): Promise<RegisteredUpstream[]>;
  /** Of these ids, those of upstreams that are there and switched on. */
  abstract activeAmong(ids: readonly number[]): Promise<number[]>;
  /** Whether there has never been one, removed ones included. */
  abstract isEmpty(): Promise<boolean>;
  /** Whether a registered OpenRouter key is active and has a secret here. */
  abstract canUseApiKey(apiKeyId: number): Promise<boolean>;
  /** Stores what was added so far, so that ids are known; still within the unit of work. */
  abstract flush(): Promise<void>;
}
