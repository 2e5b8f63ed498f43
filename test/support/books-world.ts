import { ApiKey } from '../../src/api-keys/api-key.entity.js';
import type { ModelUsage } from '../../src/open-router/open-router.port.js';
import { Config } from '../../src/shared/config.js';
import type { NanoUsd } from '../../src/shared/money.js';
import { addDays, type Day, dayOf, startOf } from '../../src/shared/time/period.js';
import { ATTENDED_RUN } from '../../src/shared/task-run.js';
import { BookActivity } from '../../src/usage/books/book-activity.use-case.js';
import { BookReading } from '../../src/usage/books/book-reading.use-case.js';
import { Bookkeeping } from '../../src/usage/books/bookkeeping.js';
import { HourlyBooks } from '../../src/usage/books/hourly-books.js';
import { completedDaysToRead } from '../../src/usage/syncing/history.js';
import { MemoryApiKeyRepository } from '../fakes/api-key.repository.memory.ts';
import type { FixedClock } from '../fakes/clock.fixed.ts';
import { MemoryUnitOfWork } from '../fakes/unit-of-work.memory.ts';
import { MemoryUsageRepository } from '../fakes/usage.repository.memory.ts';

const MINUTE = 60_000;

export type Deed =
  | { kind: 'spend'; nanos: NanoUsd; daysAgo: number }
  | { kind: 'wait'; minutes: number }
  | { kind: 'midnight' }
  | { kind: 'read'; cachedSeconds: number }
  | { kind: 'tell'; lagMinutes: number; withToday: boolean };

/** One key at OpenRouter, and the books that are kept of it here, in memory. */
export class BooksWorld {
  readonly key = new ApiKey(1, 'Key', 'discovered', new Date(0));
  readonly usage = new MemoryUsageRepository();
  /** `knownAt`: when OpenRouter booked it; `at`: the moment it is booked to. */
  readonly spendings: { knownAt: number; at: number; nanos: NanoUsd }[] = [];
  private readonly bookReading: BookReading;
  private readonly bookActivity: BookActivity;

  constructor(
    readonly clock: FixedClock,
    retentionDays = 365,
  ) {
    const keys = new MemoryApiKeyRepository();
    keys.add(this.key);
    this.key.openRouterHash = 'a'.repeat(64);
    const config = Config.from({
      ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64url'),
      JWT_SECRET: 'a secret for tests that has enough bytes',
      USAGE_STATS_RETENTION_DAYS: String(retentionDays),
    });
    const books = new Bookkeeping(this.usage, config);
    const unitOfWork = new MemoryUnitOfWork();
    this.bookReading = new BookReading(keys, this.usage, books, new HourlyBooks(this.usage, books), unitOfWork);
    this.bookActivity = new BookActivity(keys, this.usage, books, clock, unitOfWork);
  }

  async do(deed: Deed): Promise<void> {
    if (deed.kind === 'spend') this.spend(deed.nanos, deed.daysAgo);
    else if (deed.kind === 'wait') this.clock.advance(deed.minutes * 60);
    else if (deed.kind === 'midnight') this.clock.set(startOf(addDays(this.today, 1)).toISOString());
    else if (deed.kind === 'read') await this.read(deed.cachedSeconds);
    else await this.tell(deed.lagMinutes, deed.withToday);
  }

  spend(nanos: NanoUsd, daysAgo = 0): void {
    const now = this.clock.now().getTime();
    this.spendings.push({ knownAt: now, at: now - daysAgo * 24 * 60 * MINUTE, nanos });
  }

  /** The counters as OpenRouter's cache had them that long ago. */
  async read(cachedSeconds: number): Promise<void> {
    const now = this.clock.now();
    const asOf = now.getTime() - cachedSeconds * 1000;
    const day = dayOf(new Date(asOf));
    const known = this.spendings.filter(({ knownAt }) => knownAt <= asOf);
    const reading = {
      askedAt: now,
      answeredAt: now,
      usage: sum(known),
      usageToday: sum(known.filter(({ at }) => dayOf(new Date(at)) === day)),
      byokUsage: 0n,
      byokUsageToday: 0n,
      limitRemaining: null,
    };
    await this.bookReading.execute(this.key, reading, ATTENDED_RUN);
  }

  /** The activity of the last three days, or of thirty if it was never told, and of today so far. */
  async tell(lagMinutes: number, withToday: boolean): Promise<void> {
    const asOf = this.clock.now().getTime() - lagMinutes * MINUTE;
    const meter = await this.usage.findMeter(this.key.id);
    const days = completedDaysToRead(addDays(this.today, -1), meter?.historyThrough ?? null);
    const usage = days.flatMap((day) => this.activityOf(day, asOf));
    await this.bookActivity.execute(this.key, { days, usage, isCompleted: true }, ATTENDED_RUN);
    if (!withToday) return;
    const today = { days: [this.today], usage: this.activityOf(this.today, asOf), isCompleted: false };
    await this.bookActivity.execute(this.key, today, ATTENDED_RUN);
  }

  async rows(): Promise<{ date: Day; model: string; cost: NanoUsd }[]> {
    const days = await this.usage.daysBefore('9999', 1, 10_000);
    return days
      .map(({ date, model, cost }) => ({ date, model, cost }))
      .toSorted((one, other) => (one.date + one.model < other.date + other.model ? -1 : 1));
  }

  async total(): Promise<NanoUsd> {
    return (await this.rows()).reduce((total, { cost }) => total + cost, 0n);
  }

  /** By day; days that come to nothing are left out. */
  async costs(): Promise<Record<Day, NanoUsd>> {
    return byDay((await this.rows()).map(({ date, cost }) => [date, cost]));
  }

  private get today(): Day {
    return dayOf(this.clock.now());
  }

  private activityOf(day: Day, asOf: number): ModelUsage[] {
    const spent = this.spendings.filter(({ knownAt, at }) => knownAt <= asOf && dayOf(new Date(at)) === day);
    if (spent.length === 0) return [];
    const figures = { requests: spent.length, tokensInput: 0, tokensOutput: 0, tokensReasoning: 0, tokensCached: null };
    return [{ date: day, model: 'a/model', ...figures, cost: sum(spent), byokCost: 0n }];
  }
}

/** What was spent since that day began, or booked since then to a day before. */
export function truth(world: BooksWorld, since: Day): NanoUsd {
  return sum(world.spendings.filter(({ knownAt }) => dayOf(new Date(knownAt)) >= since));
}

/** What was spent on each day. */
export function trueDays(world: BooksWorld): Record<Day, NanoUsd> {
  return byDay(world.spendings.map(({ at, nanos }) => [dayOf(new Date(at)), nanos]));
}

function byDay(amounts: [Day, NanoUsd][]): Record<Day, NanoUsd> {
  const days: Record<Day, NanoUsd> = {};
  for (const [day, nanos] of amounts) days[day] = (days[day] ?? 0n) + nanos;
  return Object.fromEntries(Object.entries(days).filter(([, nanos]) => nanos !== 0n));
}

function sum(spendings: { nanos: NanoUsd }[]): NanoUsd {
  return spendings.reduce((total, { nanos }) => total + nanos, 0n);
}
