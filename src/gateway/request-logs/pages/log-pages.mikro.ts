import type { SqlEntityManager } from '@mikro-orm/sql';
import { sql } from 'kysely';
import { endOfSpan } from '../counts/log-count.entity.js';
import { LoggedCall } from '../logged-call.entity.js';
import type { LogFilter } from '../request-log.repository.js';
import { countedSpans } from './counted-spans.mikro.js';
import { type FoundRow, LogSearch } from './log-search.mikro.js';
import { type CountedStretch, cut, pageWithin, spansIn, type Stretch } from './stretch.js';

/**
 * Finds the pages of the log by what is counted of it: the counts tell how many rows there are, and in which hours those of a
 * page are, so that no other hour is read. Within an hour, rows that match only some of several conditions are.
 */
export class LogPages {
  constructor(private readonly em: SqlEntityManager) {}

  async page(filter: LogFilter, page: number, size: number): Promise<{ items: LoggedCall[]; total: number }> {
    const search = new LogSearch(this.em, filter);
    const stretch = await this.stretchOf(filter);
    const counted = stretch ? await this.countedIn(stretch, filter, search) : [];
    const total = counted.reduce((sum, { calls }) => sum + calls, 0);
    const coarse = pageWithin(counted, (page - 1) * size, size);
    const fine = pageWithin(await this.hoursOf(coarse.stretches, filter), coarse.rest, size);
    return { items: await this.callsOf(await search.rows(fine, size)), total };
  }

  /** From the first row of the log to the last, as far as they are asked for. */
  private async stretchOf({ from, to }: LogFilter): Promise<Stretch | null> {
    const day = sql`from request_log_counts where span_hours = 24 and counted_by = 'all' order by begins_at`;
    const ends = sql<{ first: string | number | null; last: string | number | null }>`
      select (select begins_at ${day} limit 1) as first, (select begins_at ${day} desc limit 1) as last`;
    const [known] = (await ends.execute(this.em.getKysely<unknown>())).rows;
    if (known?.first == null || known.last === null) return null;
    const [first, end] = [new Date(known.first), endOfSpan(new Date(known.last), 24)];
    const until = to && new Date(to.getTime() + 1);
    const stretch = { from: from && from > first ? from : first, until: until && until < end ? until : end };
    return stretch.from < stretch.until ? stretch : null;
  }

  /** Newest first: whole days, whole hours where there is no whole day, and what is left. */
  private async countedIn(stretch: Stretch, filter: LogFilter, search: LogSearch): Promise<CountedStretch[]> {
    const days = cut(stretch, 24);
    const hours = days.rest.map((rest) => cut(rest, 1));
    const wholeHours = hours.flatMap(({ whole }) => whole);
    const counted = await countedSpans(this.em, 24, days.whole, filter);
    counted.push(...(await countedSpans(this.em, 1, wholeHours, filter)));
    for (const rest of hours.flatMap((some) => some.rest)) counted.push(await search.count(rest));
    return counted.toSorted((one, other) => other.from.getTime() - one.from.getTime());
  }

  /** The same stretches, days in hours. */
  private async hoursOf(stretches: readonly CountedStretch[], filter: LogFilter): Promise<CountedStretch[]> {
    const days = stretches.filter(({ from, until }) => endOfSpan(from, 24) <= until);
    const starts = days.flatMap((day) => spansIn(day, 1));
    const hours = await countedSpans(this.em, 1, starts, filter);
    const others = stretches.filter((stretch) => !days.includes(stretch));
    return [...hours, ...others].toSorted((one, other) => other.from.getTime() - one.from.getTime());
  }

  private async callsOf(found: readonly FoundRow[]): Promise<LoggedCall[]> {
    if (found.length === 0) return [];
    // By their instants, too, so that no other partition is looked into.
    const where = { id: { $in: found.map(({ id }) => id) }, createdAt: { $in: found.map((row) => row.createdAt) } };
    const calls = new Map((await this.em.find(LoggedCall, where)).map((call) => [call.id, call]));
    return found.flatMap(({ id }) => calls.get(id) ?? []);
  }
}
