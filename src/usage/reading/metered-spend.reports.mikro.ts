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
    const { rows } = await sql<{ id: number; cost: string }>`
      select k.id, cast(sum(d.cost_nanos) as text) as cost
      from api_keys k
      join upstreams u on u.api_key_id = k.id
      join gateway_spend_days d on d.upstream_id = u.id
      where k.user_id = ${userId} and d.date between ${start} and ${end}
      group by k.id`.execute(plainSql(this.em));
    return new Map(rows.map(({ id, cost }) => [id, BigInt(cost)]));
  }
}
