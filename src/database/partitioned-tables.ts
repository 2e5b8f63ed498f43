import { BigIntType, type EntityMetadata } from '@mikro-orm/core';

/** Tables that PostgreSQL keeps in partitions, and by which property; migrations and the service make the partitions. */
const PARTITIONED: Record<string, string> = { request_logs: 'createdAt' };

/** PostgreSQL wants what parts a table in its primary key, which then serves as the index by it, too. */
export function keyPartitions(meta: EntityMetadata): void {
  const parted = meta.tableName && PARTITIONED[meta.tableName];
  if (!parted) return;
  meta.properties[parted]!.primary = true;
  // What is worth parts may come to need more numbers than 32 bits have; SQLite's are always longer.
  Object.assign(meta.properties.id!, { type: new BigIntType('number') });
  meta.indexes = meta.indexes.filter(({ properties }) => String(properties) !== parted);
}
