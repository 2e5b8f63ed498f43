import type { ApiKey } from './api-key.entity.js';

export const SORTS = ['created_at', 'name', 'last_used_at', 'total_cost'] as const;
export type ApiKeySort = (typeof SORTS)[number];

export interface ApiKeyPage {
  skip: number;
  limit: number;
  sort: ApiKeySort;
  order: 'asc' | 'desc';
}

/** Every OpenRouter key known here, removed ones left out. To change one: find it, change it, leave the unit of work. */
export abstract class ApiKeyRepository {
  abstract add(key: ApiKey): void;
  /** For a key that has nothing left; `retire` is for all others. */
  abstract remove(key: ApiKey): void;
  abstract find(id: number): Promise<ApiKey | null>;
  /** The same, as it is stored now; nobody else can change it until this unit of work ends. */
  abstract findToChange(id: number): Promise<ApiKey | null>;
  abstract findBySecretHash(userId: number, secretHash: string): Promise<ApiKey | null>;
  /** How many keys the user has registered; discovered ones do not count. */
  abstract countRegistered(userId: number): Promise<number>;
  /** By `total_cost`: what OpenRouter says each has spent in its life. Nothing known comes last, ties go by id. */
  abstract page(userId: number, page: ApiKeyPage): Promise<{ items: ApiKey[]; total: number }>;
  /** The keys of one user, in no particular order. */
  abstract listOf(userId: number): Promise<ApiKey[]>;
  /** The ids of all keys with a secret that are switched on, lowest first. */
  abstract listIdsWithSecret(): Promise<number[]>;
  /** The ids of keys that were removed and are still stored, lowest first. */
  abstract listRemovedIds(): Promise<number[]>;
  /** Deletes a removed key for good, with all that hangs on it. */
  abstract discard(id: number): Promise<void>;
  /** Stores what was added so far, so that ids are known; still within the unit of work. */
  abstract flush(): Promise<void>;
}
