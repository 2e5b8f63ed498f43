import { defineEntity, type EntityKey, p } from '@mikro-orm/core';

/** A window in which hits are counted for all instances together. */
export class RateLimitRow {
  name!: string;
  hits!: number;
  /** Milliseconds since 1970: a number, because nothing but counting is done with it. */
  endsAt!: number;
}

export const RateLimitTable = defineEntity({
  class: RateLimitRow,
  tableName: 'rate_limits',
  properties: {
    name: p.string().length(160).primary(),
    hits: p.bigint('number'),
    endsAt: p.bigint('number').index(),
  } satisfies Record<EntityKey<RateLimitRow>, unknown>,
});
