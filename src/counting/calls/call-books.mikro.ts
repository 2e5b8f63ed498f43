import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { CompiledQuery } from 'kysely';
import type { Clock } from '../../shared/time/clock.port.js';
import { CallBooks, type CallEnquiry, type CallStanding } from './call-books.port.js';
import { BOOK, FORGET, type StoredCounts } from './call-books.sql.js';
import { Silence } from './silence.js';

const TIDIED_EVERY_MS = 60_000;
/** By then nothing of a row counts any more, not even after an outage. */
const FORGOTTEN_AFTER_MS = 3_600_000;

/** The books in PostgreSQL. A process that has SQLite is alone and needs none. */
export class MikroCallBooks extends CallBooks {
  private readonly me = randomUUID();
  private readonly silence = new Silence();
  private tidiedAt = 0;
  /** Counting belongs to no request and to no unit of work: it holds whatever becomes of them. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly em: SqlEntityManager,
    private readonly clock: Clock,
  ) {
    super();
  }

  async book(enquiries: readonly CallEnquiry[]): Promise<CallStanding[]> {
    const now = this.clock.now().getTime();
    const standings = await this.ask(enquiries, now);
    this.silence.end(now);
    await this.tidy(now).catch(() => undefined);
    return enquiries.map(({ name }) => standings.get(name)!);
  }

  /** A name that the books did not know is in them after the first time, and is asked for again. */
  private async ask(enquiries: readonly CallEnquiry[], now: number): Promise<Map<string, CallStanding>> {
    const asked = JSON.stringify(enquiries.map(rowOf));
    const rows = await this.query<StoredCounts>(BOOK, [asked, now, this.silence.heardSince(now), this.me]);
    const isNew = new Set(rows.filter(({ let_in }) => let_in < 0).map(({ name }) => name));
    const standings = new Map(rows.map((row) => [row.name, standingOf(row)]));
    if (isNew.size === 0) return standings;
    const again = await this.ask(
      enquiries.filter(({ name }) => isNew.has(name)),
      now,
    );
    return new Map([...standings, ...again]);
  }

  private async tidy(now: number): Promise<void> {
    if (now < this.tidiedAt + TIDIED_EVERY_MS) return;
    this.tidiedAt = now;
    await this.query(FORGET, [now - FORGOTTEN_AFTER_MS]);
  }

  private async query<T>(sql: string, values: readonly unknown[]): Promise<T[]> {
    const { rows } = await this.outside(() => this.em.getKysely().executeQuery<T>(CompiledQuery.raw(sql, [...values])));
    return rows;
  }
}

function rowOf({ name, allowance, underWay, waiting, tokens, known }: CallEnquiry): object {
  const { rpm, tpm, maxParallel } = allowance;
  return {
    name,
    rpm,
    tpm,
    most: maxParallel,
    under_way: underWay,
    waiting,
    used: tokens,
    requests: known?.requests.hits,
    requests_end: known?.requests.endsAt,
    tokens: known?.tokens.hits,
    tokens_end: known?.tokens.endsAt,
  };
}

function standingOf(row: StoredCounts): CallStanding {
  return {
    letIn: row.let_in,
    underWay: Number(row.under_way),
    requests: { hits: Number(row.requests), endsAt: Number(row.requests_end) },
    tokens: { hits: Number(row.tokens), endsAt: Number(row.tokens_end) },
  };
}
