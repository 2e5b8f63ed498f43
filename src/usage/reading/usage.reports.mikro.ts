import { setImmediate as turn } from 'node:timers/promises';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import { DEAD } from '../../api-keys/key-status.js';
import { isSqlite } from '../../database/dialect.js';
import { plainSql, Question } from '../../database/plain-sql.js';
import type { Day, Period } from '../../shared/time/period.js';
import { type Sorting, sortingOf } from './row-sorting.js';
import {
  type Breakdown,
  type DayAndModelTotals,
  type KeyTotals,
  type RowOrder,
  type Side,
  type Timeline,
  type Totals,
  type UsageFilter,
  UsageReports,
  type UsageRow,
} from './usage.reports.js';
import { SUMS } from './sums.mikro.js';
import { breakdownOf, partsOf, type SideLine, type Sums, totalsOf } from './usage.sums.js';

/** How many rows a stream holds in memory at a time. */
const BATCH = 1_000;

/** The rule of ApiKey.isActive, for a key that the query calls `k`. */
const IS_ACTIVE = sql`case when k.is_switched_on and k.status not in (${sql.join([...DEAD])}) then 1 else 0 end`;

/** The key of usage. Also one that was removed: what is left of its usage is in all the sums, so that they agree. */
const OF_KEY = sql`k.id = u.api_key_id`;

/** Where the days of models and of keys stand added up. */
const DAILY = {
  model: { table: sql`usage_sums_by_day_and_model`, name: sql`model` },
  key: { table: sql`usage_sums_by_day_and_key`, name: sql`api_key_id` },
};

/** From one day to another, both included. */
type Span = Pick<Period, 'start' | 'end'>;

interface KeyLine extends Sums {
  id: number;
  name: string;
  is_active: number;
}

/** How much there is of a day. */
interface DayCount {
  date: Day;
  count: number | string;
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
  private readonly sums: Question<Sums, [userId: number, start: Day, end: Day]>;

  constructor(private readonly em: SqlEntityManager) {
    super();
    this.sums = new Question(
      em,
      (userId, start, end) => sql`select ${SUMS} from usage_sums_by_day where ${within(userId, { start, end })}`,
    );
  }

  async totals(userId: number, { start, end }: Period): Promise<Totals> {
    const [line] = await this.sums.ask(userId, start, end);
    return totalsOf(line!);
  }

  async breakdown(userId: number, period: Period): Promise<Breakdown> {
    return breakdownOf(await this.query<SideLine>(sides(userId, period)));
  }

  async timeline(userId: number, period: Period, by: Side, most: number): Promise<Timeline> {
    const { table, name } = DAILY[by];
    const dearest = sql`
      select ${name} from ${table} where ${within(userId, period)} group by ${name} having sum(cost_nanos) <> 0
      order by sum(cost_nanos) desc, ${by === 'model' ? this.bytes('model') : name} limit ${most}`;
    const lines = await this.query<SideLine>(sql`
      ${sides(userId, period)}
      union all
      select 'part', date, 0, 0, '0', '0', '0', cast(cost_nanos as text), cast(${name} as text)
      from ${table} where ${within(userId, period)} and ${name} in (${dearest})`);
    return { ...breakdownOf(lines), parts: partsOf(lines) };
  }

  async rows(userId: number, filter: UsageFilter, skip: number, limit: number, order?: RowOrder): Promise<UsageRow[]> {
    if (order && !isUsual(order)) return this.sortedRows(userId, filter, skip, limit, order);
    const days = skip === 0 ? [] : await this.daysOf(userId, filter);
    const { end, rest } = startOfPage(filter.period.end, days, skip);
    const wanted = matching(userId, { ...filter, period: { start: filter.period.start, end } });
    return this.selectRows(wanted, sql`limit ${limit} offset ${rest}`);
  }

  async sumOfRows(userId: number, filter: UsageFilter): Promise<Totals> {
    const { table, condition } = sumsFor(filter);
    const from = table
      ? sql`from ${table} where ${within(userId, filter.period)} and ${condition}`
      : sql`from usage_days u where ${matching(userId, filter)}`;
    const [line] = await this.query<Sums>(sql`select ${SUMS} ${from}`);
    return totalsOf(line!);
  }

  async countRows(userId: number, filter: UsageFilter): Promise<number> {
    const days = await this.daysOf(userId, filter);
    return days.reduce((sum, { count }) => sum + Number(count), 0);
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
    const days = skip === 0 ? [] : await this.daysWithModels(userId, period);
    const { end, rest } = startOfPage(period.end, days, skip);
    const lines = await this.query<Sums & Pick<DayAndModelTotals, 'date' | 'model'>>(sql`
      select date, model, requests, tokens_input, tokens_output, cast(cost_nanos as text) as cost
      from usage_sums_by_day_and_model where ${within(userId, { start: period.start, end })}
      order by date desc, ${this.bytes('model')} limit ${limit} offset ${rest}`);
    return lines.map((line) => ({ date: line.date, model: line.model, ...totalsOf(line) }));
  }

  async countDaysAndModels(userId: number, period: Period): Promise<number> {
    const [line] = await this.query<{ count: number | string }>(
      sql`select count(*) as count from usage_sums_by_day_and_model where ${within(userId, period)}`,
    );
    return Number(line!.count);
  }

  async allTimeByKey(userId: number): Promise<KeyTotals[]> {
    const lines = await this.query<KeyLine>(sql`
      select k.id, k.name, ${IS_ACTIVE} as is_active,
        coalesce(u.requests, 0) as requests, coalesce(u.tokens_input, 0) as tokens_input,
        coalesce(u.tokens_output, 0) as tokens_output, cast(coalesce(u.cost_nanos, 0) as text) as cost
      from api_keys k left join usage_sums_by_key u on u.api_key_id = k.id
      where k.user_id = ${userId} and k.removed_at is null order by k.id`);
    return lines.map((line) => ({ ...totalsOf(line), id: line.id, name: line.name, isActive: line.is_active === 1 }));
  }

  /** How many rows each day has, newest first. */
  private daysOf(userId: number, filter: UsageFilter): Promise<DayCount[]> {
    const { table, condition } = sumsFor(filter);
    if (!table) {
      return this.query(sql`
        select u.date, count(*) as count from usage_days u where ${matching(userId, filter)}
        group by u.date order by u.date desc`);
    }
    return this.query(sql`
      select date, row_count as count from ${table} where ${within(userId, filter.period)} and ${condition}
      order by date desc`);
  }

  private daysWithModels(userId: number, period: Period): Promise<DayCount[]> {
    return this.query(sql`
      select date, count(*) as count from usage_sums_by_day_and_model where ${within(userId, period)}
      group by date order by date desc`);
  }

  private selectRows(wanted: RawBuilder<unknown>, part: RawBuilder<unknown>): Promise<UsageRow[]> {
    return this.readRows(sql`
      from usage_days u join api_keys k on ${OF_KEY}
      where ${wanted} order by u.date desc, u.api_key_id, ${this.bytes('u.model')} ${part}`);
  }

  /** A page of the second half is found from the end: a database keeps as many rows in order as it has to skip. */
  private async sortedRows(userId: number, filter: UsageFilter, skip: number, limit: number, order: RowOrder) {
    const wanted = matching(userId, filter);
    const total = skip === 0 ? 0 : await this.countRows(userId, filter);
    if (skip * 2 <= total) {
      return this.selectSorted(wanted, sql`limit ${limit} offset ${skip}`, sortingOf(order, this.bytes, false));
    }
    const end = Math.min(skip + limit, total);
    if (end <= skip) return [];
    const part = sql`limit ${end - skip} offset ${total - end}`;
    return (await this.selectSorted(wanted, part, sortingOf(order, this.bytes, true))).toReversed();
  }

  /** All rows are read from the index for reports alone, which has no ids; only those of the page meet theirs. */
  private selectSorted(wanted: RawBuilder<unknown>, part: RawBuilder<unknown>, sorting: Sorting): Promise<UsageRow[]> {
    // SQLite would go from key to key, and to each row behind the index; in a cross join it takes the usage first.
    const keys = sorting.isByKey ? sql`cross join api_keys k where ${OF_KEY} and` : sql`where`;
    return this.readRows(sql`
      from (select u.api_key_id, u.date, u.model from usage_days u ${keys} ${wanted} ${sorting.by} ${part}) page
      join usage_days u on u.api_key_id = page.api_key_id and u.date = page.date and u.model = page.model
      join api_keys k on ${OF_KEY} ${sorting.by}`);
  }

  private async readRows(from: RawBuilder<unknown>): Promise<UsageRow[]> {
    const lines = await this.query<RowLine>(sql`
      select u.id, u.api_key_id, k.name as api_key_name, u.date, u.model,
        u.requests, u.tokens_input, u.tokens_output, cast(u.cost_nanos as text) as cost ${from}`);
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
  private readonly bytes = (column: string): RawBuilder<unknown> =>
    isSqlite(this.em) ? sql.ref(column) : sql`${sql.ref(column)} collate "C"`;

  /** Values reach the database as parameters, not as part of the text, so that a statement is prepared once. */
  private async query<Line>(query: RawBuilder<unknown>): Promise<Line[]> {
    const { rows } = await query.$castTo<Line>().execute(plainSql(this.em));
    return rows;
  }
}

/** Days, models and keys. One statement sees one moment, so that they agree while a sync is writing. */
function sides(userId: number, period: Period): RawBuilder<unknown> {
  return sql`
    select 'day' as side, date as name, 0 as id, 0 as is_active, ${SUMS}, '' as part
    from usage_sums_by_day where ${within(userId, period)} group by date
    union all
    select 'model', model, 0, 0, ${SUMS}, ''
    from usage_sums_by_day_and_model where ${within(userId, period)} group by model
    union all
    select 'key', k.name, k.id, ${IS_ACTIVE}, u.requests, u.tokens_input, u.tokens_output, u.cost, ''
    from (
      select api_key_id, ${SUMS} from usage_sums_by_day_and_key where ${within(userId, period)} group by api_key_id
    ) u
    join api_keys k on ${OF_KEY}`;
}

/** The day on which a page begins, so that nothing before it is read, and how much of that day to skip. */
function startOfPage(last: Day, newestFirst: DayCount[], skip: number): { end: Day; rest: number } {
  let rest = skip;
  for (const { date, count } of newestFirst) {
    if (rest < Number(count)) return { end: date, rest };
    rest -= Number(count);
  }
  return { end: last, rest: skip };
}

/** The order that rows have anyway. */
function isUsual({ by, direction }: RowOrder): boolean {
  return by === 'date' && direction === 'desc';
}

/** Where the rows of a filter stand added up, day by day; nowhere if they are of one key and one model. */
function sumsFor({ apiKeyId, model }: UsageFilter): {
  table: RawBuilder<unknown> | null;
  condition: RawBuilder<unknown>;
} {
  if (apiKeyId !== undefined && model !== undefined) return { table: null, condition: sql`true` };
  if (apiKeyId !== undefined) {
    return { table: sql`usage_sums_by_day_and_key`, condition: sql`api_key_id = ${apiKeyId}` };
  }
  if (model !== undefined) return { table: sql`usage_sums_by_day_and_model`, condition: sql`model = ${model}` };
  return { table: sql`usage_sums_by_day`, condition: sql`true` };
}

function within(userId: number, { start, end }: Span): RawBuilder<unknown> {
  return sql`user_id = ${userId} and date between ${start} and ${end}`;
}

function matching(
  userId: number,
  { period, apiKeyId, model }: Omit<UsageFilter, 'period'> & { period: Span },
): RawBuilder<unknown> {
  // One key's rows are found by the key; SQLite would read those of all keys, unless the plus keeps it from their index.
  const owner = apiKeyId === undefined ? sql`u.user_id` : sql`+u.user_id`;
  const conditions = [sql`${owner} = ${userId} and u.date between ${period.start} and ${period.end}`];
  if (apiKeyId !== undefined) conditions.push(sql`u.api_key_id = ${apiKeyId}`);
  if (model !== undefined) conditions.push(sql`u.model = ${model}`);
  return sql.join(conditions, sql` and `);
}
