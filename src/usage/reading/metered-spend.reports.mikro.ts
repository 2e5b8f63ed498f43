import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { plainSql } from '../../database/plain-sql.js';
import type { NanoUsd } from '../../shared/money.js';
import type { Period } from '../../shared/time/period.js';
import { MeteredSpend } from './metered-spend.reports.js';

/** Reads the days that the gateway has summed up; an upstream counts for the key that it points at now. */
@Injectable()
export class MikroMeteredSpend extends MeteredSpend {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  async byKey(userId: number, { start, end }: Period): Promise<ReadonlyMap<number, NanoUsd>> {
    // SQLite would begin with the days of everybody; in a cross join it takes the person's keys first.
    const { rows } = await sql<{ id: number; cost: string }>`
      select k.id, cast(sum(d.cost_nanos) as text) as cost
      from api_keys k
      cross join upstreams u
      cross join gateway_spend_days d
      where u.api_key_id = k.id and d.upstream_id = u.id and k.user_id = ${userId} and d.date between ${start} and ${end}
      group by k.id`.execute(plainSql(this.em));
    return new Map(rows.map(({ id, cost }) => [id, BigInt(cost)]));
  }
}
