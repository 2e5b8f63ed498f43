import { setImmediate as turn } from 'node:timers/promises';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import { DEAD } from '../../api-keys/api-key.entity.js';
import { isSqlite } from '../../database/dialect.js';
import type { Period } from '../../shared/time/period.js';
import {
  type Breakdown,
  type DayAndModelTotals,
  type KeyTotals,
  type Totals,
  type UsageFilter,
  UsageReports,
  type UsageRow,
} from './usage.reports.js';
import { breakdownOf, type BreakdownLine, type Sums, totalsOf } from './usage.sums.js';

/** How many rows a stream holds in memory at a time. */
const BATCH = 1_000;

// Whole numbers travel as text, because the drivers would round large ones, each in its own way.
const SUMS = sql`
  cast(coalesce(sum(requests), 0) as text) as requests,
  cast(coalesce(sum(tokens_input), 0) as text) as tokens_input,
  cast(coalesce(sum(tokens_output), 0) as text) as tokens_output,
  cast(coalesce(sum(cost_nanos), 0) as text) as cost`;

/** Sums to be summed up again. */
const PARTIAL_SUMS = sql`
  sum(requests) as requests, sum(tokens_input) as tokens_input,
  sum(tokens_output) as tokens_output, sum(cost_nanos) as cost_nanos`;

/** The rule of ApiKey.isActive, for a key that the query calls `k`. */
const IS_ACTIVE = sql`case when k.is_switched_on and k.status not in (${sql.join([...DEAD])}) then 1 else 0 end`;

interface KeyLine extends Sums {
  id: number;
  name: string;
  is_active: number;
}

interface RowLine extends Sums {
  id: number;
  api_key_id: number;
  api_key_name: string;
  date: string;
  model: string;
}

/** Reads the figures with plain SQL, the same for SQLite and PostgreSQL. */
@Injectable()
export class MikroUsageReports extends UsageReports {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  async totals(userId: number, period: Period): Promise<Totals> {
    const [line] = await this.query<Sums>(sql`select ${SUMS} from usage_days where ${within(userId, period)}`);
    return totalsOf(line!);
  }

  async breakdown(userId: number, period: Period): Promise<Breakdown> {
    // One statement sees one moment, so that the three sides agree while a sync is writing.
    const lines = await this.query<BreakdownLine>(sql`
      with days_and_keys as (
        select date, api_key_id, ${PARTIAL_SUMS}
        from usage_days where ${within(userId, period)} group by date, api_key_id
      )
      select 'day' as side, date as name, 0 as id, 0 as is_active, ${SUMS} from days_and_keys group by date
      union all
      select 'model', model, 0, 0, ${SUMS} from usage_days where ${within(userId, period)} group by model
      union all
      select 'key', k.name, k.id, ${IS_ACTIVE}, u.requests, u.tokens_input, u.tokens_output, u.cost
      from (select api_key_id, ${SUMS} from days_and_keys group by api_key_id) u
      join api_keys k on k.id = u.api_key_id`);
    return breakdownOf(lines);
  }

  async rows(userId: number, filter: UsageFilter, skip: number, limit: number): Promise<UsageRow[]> {
    return this.selectRows(matching(userId, filter), sql`limit ${limit} offset ${skip}`);
  }

  async countRows(userId: number, filter: UsageFilter): Promise<number> {
    return this.count(sql`select count(*) as count from usage_days u where ${matching(userId, filter)}`);
  }

  async *streamRows(userId: number, filter: UsageFilter): AsyncIterable<UsageRow> {
    const wanted = matching(userId, filter);
    let rows = await this.selectRows(wanted, sql`limit ${BATCH}`);
    while (rows.length > 0) {
      yield* rows;
      if (rows.length < BATCH) return;
      // SQLite answers without ever waiting: everybody else gets a turn between two batches.
      await turn();
      rows = await this.selectRows(sql`${wanted} and ${this.comesAfter(rows.at(-1)!)}`, sql`limit ${BATCH}`);
    }
  }

  async daysAndModels(userId: number, period: Period, skip: number, limit: number): Promise<DayAndModelTotals[]> {
    const lines = await this.query<Sums & Pick<DayAndModelTotals, 'date' | 'model'>>(sql`
      select date, model, ${SUMS} from usage_days where ${within(userId, period)}
      group by date, model order by date desc, ${this.bytes('model')} limit ${limit} offset ${skip}`);
    return lines.map((line) => ({ date: line.date, model: line.model, ...totalsOf(line) }));
  }

  async countDaysAndModels(userId: number, period: Period): Promise<number> {
    return this.count(sql`
      select count(*) as count
      from (select distinct date, model from usage_days where ${within(userId, period)}) as pairs`);
  }

  async allTimeByKey(userId: number): Promise<KeyTotals[]> {
    const lines = await this.query<KeyLine>(sql`
      select k.id, k.name, ${IS_ACTIVE} as is_active, ${SUMS}
      from api_keys k left join (
        select api_key_id, ${PARTIAL_SUMS} from usage_days where user_id = ${userId} group by api_key_id
        union all
        select api_key_id, ${PARTIAL_SUMS} from usage_months where user_id = ${userId} group by api_key_id
      ) u on u.api_key_id = k.id
      where k.user_id = ${userId}
      group by k.id, k.name, k.is_switched_on, k.status order by k.id`);
    return lines.map((line) => ({ ...totalsOf(line), id: line.id, name: line.name, isActive: line.is_active === 1 }));
  }

  private async selectRows(wanted: RawBuilder<unknown>, part: RawBuilder<unknown>): Promise<UsageRow[]> {
    const lines = await this.query<RowLine>(sql`
      select u.id, u.api_key_id, k.name as api_key_name, u.date, u.model,
        u.requests, u.tokens_input, u.tokens_output, cast(u.cost_nanos as text) as cost
      from usage_days u join api_keys k on k.id = u.api_key_id
      where ${wanted} order by u.date desc, u.api_key_id, ${this.bytes('u.model')} ${part}`);
    return lines.map((line) => ({
      ...totalsOf(line),
      id: line.id,
      apiKeyId: line.api_key_id,
      apiKeyName: line.api_key_name,
      date: line.date,
      model: line.model,
    }));
  }

  /** The rest of the rows after one of them, in the order of `selectRows`. */
  private comesAfter({ date, apiKeyId, model }: UsageRow): RawBuilder<unknown> {
    return sql`u.date <= ${date} and (u.date < ${date} or u.api_key_id > ${apiKeyId}
      or (u.api_key_id = ${apiKeyId} and ${this.bytes('u.model')} > ${model}))`;
  }

  /** A text column that compares by its bytes: SQLite's always do, PostgreSQL's do as the database was made. */
  private bytes(column: string): RawBuilder<unknown> {
    return isSqlite(this.em) ? sql.ref(column) : sql`${sql.ref(column)} collate "C"`;
  }

  private async count(query: RawBuilder<unknown>): Promise<number> {
    const [line] = await this.query<{ count: number | string }>(query);
    return Number(line!.count);
  }

  /** Values reach the database as parameters, not as part of the text, so that a statement is prepared once. */
  private async query<Line>(query: RawBuilder<unknown>): Promise<Line[]> {
    const { rows } = await query.$castTo<Line>().execute(this.em.getKysely<unknown>());
    return rows;
  }
}

function within(userId: number, { start, end }: Period): RawBuilder<unknown> {
  return sql`user_id = ${userId} and date between ${start} and ${end}`;
}

function matching(userId: number, { period, apiKeyId, model }: UsageFilter): RawBuilder<unknown> {
  const conditions = [sql`u.user_id = ${userId} and u.date between ${period.start} and ${period.end}`];
  if (apiKeyId !== undefined) conditions.push(sql`u.api_key_id = ${apiKeyId}`);
  if (model !== undefined) conditions.push(sql`u.model = ${model}`);
  return sql.join(conditions, sql` and `);
}
