import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { isSqlite } from '../../../database/dialect.js';
import { addDays, type Day, isDay, startOf } from '../../../shared/time/period.js';
import { EVERY_COUNT } from '../counts/log-count.entity.js';
import { LogDayInUse, LogDays, RestTooFull } from './log-days.port.js';

/** Whoever writes to the log waits behind us for so long at most. */
const LOCK_TIMEOUT = '100ms';
const LOCK_NOT_AVAILABLE = '55P03';
/** A day that has more rows among the others stays there: moving them would take too long. */
const MOST_MOVED = 10_000;
/** Attaching a day makes PostgreSQL look through all of the others, while nobody can write to them. */
const MOST_IN_REST = 100_000;

/** Each day is a partition of PostgreSQL's table; SQLite has none. */
@Injectable()
export class MikroLogDays extends LogDays {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  async missing(days: readonly Day[]): Promise<Day[]> {
    if (isSqlite(this.em)) return [];
    const known = new Set(await this.list());
    return days.filter((day) => !known.has(day));
  }

  async listBefore(day: Day): Promise<Day[]> {
    if (isSqlite(this.em)) return [];
    return (await this.list()).filter((known) => known < day);
  }

  makeRoom(day: Day): Promise<void> {
    return this.withoutWaiting(async () => {
      if ((await this.missing([day])).length === 0) return;
      await this.refuseFullRest();
      const ends = [startOf(day), startOf(addDays(day, 1))];
      // As long as nobody adds to the other rows, none can come that belongs to the new place.
      await this.em.execute('lock table request_logs_rest in access exclusive mode');
      const which = 'from request_logs_rest where created_at >= ? and created_at < ?';
      const rows = await this.em.execute<object[]>(`select 1 ${which} limit ?`, [...ends, MOST_MOVED + 1]);
      if (rows.length > MOST_MOVED) throw new RestTooFull();
      const table = tableOf(day);
      await this.em.execute(`create table ${table} (like request_logs including defaults)`);
      if (rows.length > 0) {
        await this.em.execute(`insert into ${table} select * ${which}`, ends);
        await this.em.execute(`delete ${which}`, ends);
      }
      // Attaching one, other than making one in place, lets everybody read and write the log meanwhile.
      await this.em.execute(`alter table request_logs attach partition ${table} for values from (?) to (?)`, ends);
    });
  }

  remove(day: Day): Promise<number> {
    return this.withoutWaiting(async () => {
      // First, so that what is counted of the day is what is removed with it, and a refusal has cost nothing. The whole log
      // comes last: everybody waits behind whoever waits for it.
      await this.em.execute(`lock table ${tableOf(day)}, request_logs_rest in access exclusive mode`);
      await this.em.execute('lock table only request_logs in access exclusive mode');
      const [gone] = await this.em.execute<{ calls: string }[]>(
        `with gone as (
           delete from request_log_counts
           where span_hours in (1, 24) and counted_by in (?) and begins_at >= ? and begins_at < ?
           returning span_hours, counted_by, calls
         )
         select coalesce(sum(calls), 0) as calls from gone where span_hours = 24 and counted_by = 'all'`,
        [EVERY_COUNT, startOf(day), startOf(addDays(day, 1))],
      );
      await this.em.execute(`drop table ${tableOf(day)}`);
      return Number(gone!.calls);
    });
  }

  private async refuseFullRest(): Promise<void> {
    const rows = await this.em.execute<object[]>('select 1 from request_logs_rest offset ? limit 1', [MOST_IN_REST]);
    if (rows.length > 0) throw new RestTooFull();
  }

  private async list(): Promise<Day[]> {
    const tables = await this.em.execute<{ name: string }[]>(
      `select child.relname as name from pg_inherits join pg_class child on child.oid = inhrelid
       where inhparent = 'request_logs'::regclass order by 1`,
    );
    return tables.flatMap(({ name }) => dayIn(name) ?? []);
  }

  private async withoutWaiting<T>(work: () => Promise<T>): Promise<T> {
    try {
      await this.em.execute(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
      return await work();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE) throw new LogDayInUse();
      throw error;
    }
  }
}

function tableOf(day: Day): string {
  return `request_logs_${day.replaceAll('-', '')}`;
}

function dayIn(table: string): Day | null {
  const [, year, month, date] = /^request_logs_(\d{4})(\d\d)(\d\d)$/.exec(table) ?? [];
  const day = `${year}-${month}-${date}`;
  return isDay(day) ? day : null;
}
