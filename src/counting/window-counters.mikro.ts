import { AsyncLocalStorage } from 'node:async_hooks';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { CompiledQuery } from 'kysely';
import { isSqlite } from '../database/dialect.js';
import { Clock } from '../shared/time/clock.port.js';
import { type CountedWindow, type NamedWindow, WindowCounters } from './window-counters.port.js';

const ROWS_AT_ONCE = 200;
const TIDIED_EVERY_MS = 60_000;
const TIDIED_AT_ONCE = 10_000;

/** What becomes of a window that is open already: hits are added to it, or it is made at least as large as another. */
const ADDED = { hits: 'r.hits + excluded.hits', endsAt: 'r.ends_at' };
const RAISED = { hits: greater('hits'), endsAt: greater('ends_at') };

/** Hits of one name that wait to be counted. */
interface Waiting {
  windowSeconds: number;
  callers: PromiseWithResolvers<CountedWindow>[];
}

/** What stands in the table after a statement. */
interface StoredWindow {
  name: string;
  hits: number | string;
  ends_at: number | string;
}

/**
 * Counts in the database. What comes while a statement is under way is counted together by the next one, so that a crowd
 * costs few statements and one connection, and each caller still gets a number of its own.
 */
export class MikroWindowCounters extends WindowCounters {
  private waiting = new Map<string, Waiting>();
  private counting: Promise<void> | null = null;
  private tidiedAt = 0;
  /** Counting belongs to no request and to no unit of work: it holds whatever becomes of them. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly em: SqlEntityManager,
    private readonly clock: Clock,
  ) {
    super();
  }

  hit(name: string, windowSeconds: number): Promise<CountedWindow> {
    const caller = Promise.withResolvers<CountedWindow>();
    const known = this.waiting.get(name);
    if (known) known.callers.push(caller);
    else this.waiting.set(name, { windowSeconds, callers: [caller] });
    this.counting ??= this.outside(() => this.countAll());
    return caller.promise;
  }

  async find(name: string): Promise<CountedWindow | null> {
    const [row] = await this.query(`select name, hits, ends_at from rate_limits where name = ? and ends_at > ?`, [
      name,
      this.now(),
    ]);
    return row ? windowOf(row) : null;
  }

  async takeBack(name: string, endsAt: number): Promise<void> {
    await this.query('update rate_limits set hits = hits - 1 where name = ? and ends_at = ? and hits > 0', [
      name,
      endsAt,
    ]);
  }

  async forget(name: string): Promise<void> {
    await this.query('delete from rate_limits where name = ?', [name]);
  }

  async raise(windows: readonly NamedWindow[]): Promise<void> {
    const open = windows.filter(({ endsAt }) => endsAt > this.now()).toSorted(byName);
    for (let start = 0; start < open.length; start += ROWS_AT_ONCE) {
      const some = open.slice(start, start + ROWS_AT_ONCE);
      await this.write(some, RAISED);
    }
  }

  private async countAll(): Promise<void> {
    while (this.waiting.size > 0) {
      const names = [...this.waiting].slice(0, ROWS_AT_ONCE);
      for (const [name] of names) this.waiting.delete(name);
      await this.count(names).catch((error: unknown) => {
        for (const [, { callers }] of names) for (const caller of callers) caller.reject(error);
      });
    }
    this.counting = null;
    await this.tidy().catch(() => undefined);
  }

  private async count(waiting: [name: string, Waiting][]): Promise<void> {
    const now = this.now();
    const hits = waiting.map(([name, { windowSeconds, callers }]) => ({
      name,
      hits: callers.length,
      endsAt: now + windowSeconds * 1000,
    }));
    const counted = await this.write(hits.toSorted(byName), ADDED);
    for (const [name, { callers }] of waiting) {
      const window = counted.get(name)!;
      const before = window.hits - callers.length;
      for (const [index, caller] of callers.entries()) caller.resolve({ ...window, hits: before + index + 1 });
    }
  }

  /** Takes the windows in the order of their names, so that no two instances wait for each other's rows. */
  private async write(windows: readonly NamedWindow[], open: typeof ADDED): Promise<Map<string, CountedWindow>> {
    const values = windows.flatMap(({ name, hits: count, endsAt }) => [name, count, endsAt]);
    const rows = await this.query(
      `insert into rate_limits as r (name, hits, ends_at) values ${windows.map(() => '(?, ?, ?)').join(', ')}
       on conflict (name) do update set
         hits = case when r.ends_at > ? then ${open.hits} else excluded.hits end,
         ends_at = case when r.ends_at > ? then ${open.endsAt} else excluded.ends_at end
       returning name, hits, ends_at`,
      [...values, this.now(), this.now()],
    );
    return new Map(rows.map((row) => [row.name, windowOf(row)]));
  }

  /** Windows that have ended are removed now and then, by whichever instance counts. */
  private async tidy(): Promise<void> {
    if (this.now() < this.tidiedAt + TIDIED_EVERY_MS) return;
    this.tidiedAt = this.now();
    await this.query(
      `delete from rate_limits where ends_at <= ? and name in
       (select name from rate_limits where ends_at <= ? order by ends_at limit ${TIDIED_AT_ONCE})`,
      [this.now(), this.now()],
    );
  }

  private now(): number {
    return this.clock.now().getTime();
  }

  private async query(text: string, values: readonly unknown[]): Promise<StoredWindow[]> {
    let number = 0;
    const sql = isSqlite(this.em) ? text : text.replaceAll('?', () => `$${++number}`);
    const { rows } = await this.outside(() =>
      this.em.getKysely().executeQuery<StoredWindow>(CompiledQuery.raw(sql, [...values])),
    );
    return rows;
  }
}

function greater(column: string): string {
  return `(case when r.${column} > excluded.${column} then r.${column} else excluded.${column} end)`;
}

function windowOf({ hits, ends_at }: StoredWindow): CountedWindow {
  return { hits: Number(hits), endsAt: Number(ends_at) };
}

function byName(one: NamedWindow, other: NamedWindow): number {
  return one.name < other.name ? -1 : 1;
}
