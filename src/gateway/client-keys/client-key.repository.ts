import type { IssuedClientKey } from './client-key.entity.js';

/** Every client key ever issued. To change one: find it, change it, leave the unit of work. */
export abstract class ClientKeyRepository {
  abstract add(key: IssuedClientKey): void;
  abstract find(id: number): Promise<IssuedClientKey | null>;
  /** Newest first; pages count from 1. */
  abstract page(page: number, size: number): Promise<{ items: IssuedClientKey[]; total: number }>;
  /** Stores what was added so far, so that ids are known; still within the unit of work. */
  abstract flush(): Promise<void>;
}
