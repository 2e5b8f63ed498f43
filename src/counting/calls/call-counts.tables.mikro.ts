import { defineEntity, type EntityKey, p } from '@mikro-orm/core';

/** What all instances together count of one name. Times are milliseconds since 1970: nothing but counting is done with them. */
export class CallCountsRow {
  name!: string;
  requests!: number;
  requestsEnd!: number;
  tokens!: number;
  tokensEnd!: number;
  /** JSON: the calls that each instance has under way, and when it said so. */
  holders!: string;
  /** How many calls the last enquiry has let in; below zero if there was none yet. */
  letIn!: number;
  touchedAt!: number;
}

export const CallCountsTable = defineEntity({
  class: CallCountsRow,
  tableName: 'call_counts',
  properties: {
    name: p.string().length(160).primary(),
    requests: p.bigint('number'),
    requestsEnd: p.bigint('number'),
    tokens: p.bigint('number'),
    tokensEnd: p.bigint('number'),
    holders: p.text(),
    letIn: p.integer(),
    touchedAt: p.bigint('number'),
  } satisfies Record<EntityKey<CallCountsRow>, unknown>,
});
