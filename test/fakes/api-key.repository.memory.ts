import type { ApiKey } from '../../src/api-keys/api-key.entity.js';
import { type ApiKeyPage, ApiKeyRepository, type ApiKeySort } from '../../src/api-keys/api-key.repository.js';

/** Keys in memory. */
export class MemoryApiKeyRepository extends ApiKeyRepository {
  private readonly keys = new Map<number, ApiKey>();
  private lastId = 0;

  add(key: ApiKey): void {
    Object.assign(key, { id: ++this.lastId });
    this.keys.set(key.id, key);
  }

  remove(key: ApiKey): void {
    this.keys.delete(key.id);
  }

  async find(id: number): Promise<ApiKey | null> {
    const key = this.keys.get(id);
    return key?.removedAt === null ? key : null;
  }

  findToChange(id: number): Promise<ApiKey | null> {
    return this.find(id);
  }

  async findBySecretHash(userId: number, secretHash: string): Promise<ApiKey | null> {
    return this.of(userId).find((key) => key.secretHash === secretHash) ?? null;
  }

  async countRegistered(userId: number): Promise<number> {
    return this.of(userId).filter((key) => key.kind !== 'discovered').length;
  }

  async page(userId: number, { skip, limit, sort, order }: ApiKeyPage): Promise<{ items: ApiKey[]; total: number }> {
    const direction = order === 'asc' ? 1 : -1;
    const all = this.of(userId).toSorted((one, other) => {
      const [a, b] = [sortValue(one, sort), sortValue(other, sort)];
      if (a === null || b === null) return a === b ? (one.id - other.id) * direction : a === null ? 1 : -1;
      return (a < b ? -1 : a > b ? 1 : one.id - other.id) * direction;
    });
    return { items: all.slice(skip, skip + limit), total: all.length };
  }

  async listOf(userId: number): Promise<ApiKey[]> {
    return this.of(userId);
  }

  async listIdsWithSecret(): Promise<number[]> {
    return [...this.keys.values()].filter((key) => key.sealedSecret !== null && key.isSwitchedOn).map(({ id }) => id);
  }

  async listRemovedIds(): Promise<number[]> {
    return [...this.keys.values()].filter((key) => key.removedAt !== null).map(({ id }) => id);
  }

  async discard(id: number): Promise<void> {
    if (this.keys.get(id)?.removedAt) this.keys.delete(id);
  }

  async flush(): Promise<void> {}

  private of(userId: number): ApiKey[] {
    return [...this.keys.values()].filter((key) => key.userId === userId && key.removedAt === null);
  }
}

/** Names as UTF-8 bytes (here in hex), A to Z as a to z. */
function sortValue(key: ApiKey, sort: ApiKeySort): string | number | bigint | null {
  if (sort === 'created_at') return key.createdAt.getTime();
  if (sort === 'last_used_at') return key.lastUsedAt?.getTime() ?? null;
  if (sort === 'total_cost') return key.usageTotal;
  return Buffer.from(key.name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())).toString('hex');
}
