import type { SqlEntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import { isSqlite } from '../../../database/dialect.js';
import { endOfSpan, type SpanHours } from '../counts/log-count.entity.js';
import { LoggedCall } from '../logged-call.entity.js';
import type { LogFilter } from '../request-log.repository.js';
import { countedBy, matching, placeIn } from './log-filter.mikro.js';
import { type CountedStretch, cut, joined, pageWithin, spansIn, type Stretch } from './stretch.js';

type FoundRow = Pick<LoggedCall, 'id' | 'createdAt'>;

/**
 * Finds the pages of the log by what is counted of it: the counts tell how many rows there are, and in which hours those of a
 * page are, so that no other row is read.
 */
export class LogPages {
  private readonly onSqlite: boolean;

  constructor(private readonly em: SqlEntityManager) {
    this.onSqlite = isSqlite(em);
  }

  async page(filter: LogFilter, page: number, size: number): Promise<{ items: LoggedCall[]; total: number }> {
    const stretch = await this.stretchOf(filter);
    const counted = stretch ? await this.countedIn(stretch, filter) : [];
    const total = counted.reduce((sum, { calls }) => sum + calls, 0);
    const coarse = pageWithin(counted, (page - 1) * size, size);
    const fine = pageWithin(await this.hoursOf(coarse.stretches, filter), coarse.rest, size);
    const found = await this.rowsOf(fine, filter, size);
    return { items: await this.callsOf(found), total };
  }

  /** From the first row of the log to the last, as far as they are asked for. */
  private async stretchOf({ from, to }: LogFilter): Promise<Stretch | null> {
    const day = sql`from request_log_counts where span_hours = 24 and counted_by = 'all' order by begins_at`;
    const [known] = await this.query<{ first: string | number | null; last: string | number | null }>(
      sql`select (select begins_at ${day} limit 1) as first, (select begins_at ${day} desc limit 1) as last`,
    );
    if (known?.first == null || known.last === null) return null;
    const [first, end] = [new Date(known.first), endOfSpan(new Date(known.last), 24)];
    const until = to && new Date(to.getTime() + 1);
    const stretch = { from: from && from > first ? from : first, until: until && until < end ? until : end };
    return stretch.from < stretch.until ? stretch : null;
  }

  /** Newest first: whole days, whole hours where there is no whole day, and what is left. */
  private async countedIn(stretch: Stretch, filter: LogFilter): Promise<CountedStretch[]> {
    const days = cut(stretch, 24);
    const hours = days.rest.map((rest) => cut(rest, 1));
    const counted = await this.spans(24, days.whole, filter);
    counted.push(
      ...(await this.spans(
        1,
        hours.flatMap(({ whole }) => whole),
        filter,
      )),
    );
    for (const rest of hours.flatMap((some) => some.rest)) counted.push(await this.counted(rest, filter));
    return counted.toSorted((one, other) => other.from.getTime() - one.from.getTime());
  }

  /** The same stretches, days in hours. */
  private async hoursOf(stretches: readonly CountedStretch[], filter: LogFilter): Promise<CountedStretch[]> {
    const days = stretches.filter(({ from, until }) => endOfSpan(from, 24) <= until);
    const hours = await this.spans(
      1,
      days.flatMap((day) => spansIn(day, 1)),
      filter,
    );
    const others = stretches.filter((stretch) => !days.includes(stretch));
    return [...hours, ...others].toSorted((one, other) => other.from.getTime() - one.from.getTime());
  }

  /** How many rows are counted for some hours or days. */
  private async spans(hours: SpanHours, starts: readonly Date[], filter: LogFilter): Promise<CountedStretch[]> {
    if (starts.length === 0) return [];
    const conditions = placeIn(filter).map(([column, value]) => sql`and ${sql.ref(column)} = ${value}`);
    const lines = await this.query<{ begins_at: string | number; calls: string | number }>(sql`
      select begins_at, sum(calls) as calls from request_log_counts
      where span_hours = ${sql.lit(hours)} and counted_by = ${countedBy(filter)} and ${this.beginsIn(starts)}
        ${sql.join(conditions, sql` `)}
      group by begins_at`);
    return lines.map((line) => {
      const from = new Date(line.begins_at);
      return { from, until: endOfSpan(from, hours), calls: Number(line.calls) };
    });
  }

  /** How many rows there are in less than an hour or two. */
  private async counted(stretch: Stretch, filter: LogFilter): Promise<CountedStretch> {
    const [line] = await this.query<{ calls: string | number }>(
      sql`select count(*) as calls from request_logs where ${this.within(stretch)} and ${matching(filter, this.onSqlite)}`,
    );
    return { ...stretch, calls: Number(line!.calls) };
  }

  /** The rows of a page, newest first, from all its stretches of time at once. */
  private async rowsOf(
    { stretches, rest }: { stretches: CountedStretch[]; rest: number },
    filter: LogFilter,
    size: number,
  ): Promise<FoundRow[]> {
    if (stretches.length === 0) return [];
    const selects = joined(stretches).map(
      (stretch, index) => sql`select * from (
        select id, created_at from request_logs where ${this.within(stretch)} and ${matching(filter, this.onSqlite)}
        order by created_at desc, id desc limit ${size} offset ${index === 0 ? rest : 0}) as part`,
    );
    const lines = await this.query<{ id: string | number; created_at: string | number }>(
      sql.join(selects, sql` union all `),
    );
    const found = lines.map(({ id, created_at }) => ({ id: Number(id), createdAt: new Date(created_at) }));
    return found.toSorted(byNewest).slice(0, size);
  }

  private async callsOf(found: readonly FoundRow[]): Promise<LoggedCall[]> {
    if (found.length === 0) return [];
    // By their instants, too, so that no other partition is looked into.
    const where = { id: { $in: found.map(({ id }) => id) }, createdAt: { $in: found.map((row) => row.createdAt) } };
    const calls = new Map((await this.em.find(LoggedCall, where)).map((call) => [call.id, call]));
    return found.flatMap(({ id }) => calls.get(id) ?? []);
  }

  private within({ from, until }: Stretch): RawBuilder<unknown> {
    return sql`created_at >= ${this.instant(from)} and created_at < ${this.instant(until)}`;
  }

  /** As the databases store it. */
  private instant(instant: Date): number | Date {
    return this.onSqlite ? instant.getTime() : instant;
  }

  /** Many instants in one parameter, so that the text of a statement does not hang on how many there are. */
  private beginsIn(starts: readonly Date[]): RawBuilder<unknown> {
    if (!this.onSqlite) return sql`begins_at = any(${starts}::timestamptz[])`;
    return sql`begins_at in (select value from json_each(${JSON.stringify(starts.map(Number))}))`;
  }

  private async query<Line>(query: RawBuilder<unknown>): Promise<Line[]> {
    const { rows } = await query.$castTo<Line>().execute(this.em.getKysely<unknown>());
    return rows;
  }
}

function byNewest(one: FoundRow, other: FoundRow): number {
  return other.createdAt.getTime() - one.createdAt.getTime() || other.id - one.id;
}
