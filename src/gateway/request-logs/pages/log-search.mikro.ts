import { setImmediate as othersTurn } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { type RawBuilder, sql } from 'kysely';
import { isSqlite } from '../../../database/dialect.js';
import { startOfSpan } from '../counts/log-count.entity.js';
import type { LoggedCall } from '../logged-call.entity.js';
import type { LogFilter } from '../request-log.repository.js';
import { leadingColumn } from './counted-spans.mikro.js';
import { type Column, matching, standTogether } from './log-filter.mikro.js';
import { type CountedStretch, joined, spansIn, type Stretch } from './stretch.js';

export type FoundRow = Pick<LoggedCall, 'id' | 'createdAt'>;

/** Where the rows of a page are, newest first, and how many of the first stretch come before it. */
export interface PagePlace {
  stretches: CountedStretch[];
  rest: number;
}

/** Looks for the rows of a filter in the log itself, within a few hours that are counted to have some. */
export class LogSearch {
  private readonly onSqlite: boolean;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly filter: LogFilter,
  ) {
    this.onSqlite = isSqlite(em);
  }

  /** How many rows there are in less than an hour or two. */
  async count(stretch: Stretch): Promise<CountedStretch> {
    const leading = await this.leadingIn([stretch]);
    const [line] = await this.query<{ calls: string | number }>(
      sql`select count(*) as calls from request_logs where ${this.within(stretch)} and ${matching(this.filter, leading)}`,
    );
    return { ...stretch, calls: Number(line!.calls) };
  }

  /** The rows of a page, newest first. */
  async rows({ stretches, rest }: PagePlace, size: number): Promise<FoundRow[]> {
    if (stretches.length === 0) return [];
    const leading = await this.leadingIn(stretches);
    if (standTogether(this.filter)) return this.found(this.select(hullOf(stretches), leading, size, rest));
    if (this.onSqlite) return this.oneByOne({ stretches, rest }, leading, size);
    const selects = joined(stretches).map((one, index) => this.select(one, leading, size, index === 0 ? rest : 0));
    return (await this.found(sql.join(selects, sql` union all `))).toSorted(byNewest).slice(0, size);
  }

  /** SQLite serves nobody else during a statement, and where few rows of an hour match it reads many. */
  private async oneByOne(
    { stretches, rest }: PagePlace,
    leading: Column | null | undefined,
    size: number,
  ): Promise<FoundRow[]> {
    const found: FoundRow[] = [];
    for (const [index, stretch] of stretches.entries()) {
      const skipped = index === 0 ? rest : 0;
      // With the last row that is counted there is nothing left to look for.
      const most = Math.min(size - found.length, stretch.calls - skipped);
      if (most <= 0) break;
      found.push(...(await this.found(this.select(stretch, leading, most, skipped))));
      await othersTurn();
    }
    return found;
  }

  private leadingIn(stretches: readonly Stretch[]): Promise<Column | null | undefined> {
    if (!this.onSqlite) return Promise.resolve(undefined);
    const hours = stretches.flatMap(({ from, until }) => spansIn({ from: startOfSpan(from, 1), until }, 1));
    return leadingColumn(this.em, this.filter, hours);
  }

  private select(
    stretch: Stretch,
    leading: Column | null | undefined,
    most: number,
    skipped: number,
  ): RawBuilder<unknown> {
    return sql`select * from (
      select id, created_at from request_logs where ${this.within(stretch)} and ${matching(this.filter, leading)}
      order by created_at desc, id desc limit ${most} offset ${skipped}) as part`;
  }

  private within({ from, until }: Stretch): RawBuilder<unknown> {
    return sql`created_at >= ${this.instant(from)} and created_at < ${this.instant(until)}`;
  }

  /** As the databases store it. */
  private instant(instant: Date): number | Date {
    return this.onSqlite ? instant.getTime() : instant;
  }

  private async found(query: RawBuilder<unknown>): Promise<FoundRow[]> {
    const lines = await this.query<{ id: string | number; created_at: string | number }>(query);
    return lines.map(({ id, created_at }) => ({ id: Number(id), createdAt: new Date(created_at) }));
  }

  private async query<Line>(query: RawBuilder<unknown>): Promise<Line[]> {
    const { rows } = await query.$castTo<Line>().execute(this.em.getKysely<unknown>());
    return rows;
  }
}

function hullOf(newestFirst: readonly Stretch[]): Stretch {
  return { from: newestFirst.at(-1)!.from, until: newestFirst[0]!.until };
}

function byNewest(one: FoundRow, other: FoundRow): number {
  return other.createdAt.getTime() - one.createdAt.getTime() || other.id - one.id;
}
