import { Injectable } from '@nestjs/common';
import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { Config } from '../../shared/config.js';
import type { NanoUsd } from '../../shared/money.js';
import { firstHourOf, type Hour } from '../../shared/time/hour.js';
import { addDays, type Day } from '../../shared/time/period.js';
import { CounterDay } from './counter-day.entity.js';
import type { Growth, KeyMeter } from './key-meter.entity.js';
import { type LedgerDay, settle, unattributedOf } from './settlement.js';
import { UNATTRIBUTED, UsageDay } from '../usage.entity.js';
import { type Attributed, UsageRepository } from '../usage.repository.js';

/** How far back amounts may find their day: the activity's 30 days and some more. */
const SETTLED_DAYS = 35;

/** For how many days before today hours are kept, unless the days themselves go sooner. */
export const HOURS_KEPT_DAYS = 31;

/** The lock that everything takes which changes the books of a user's keys. */
export function booksOf(userId: number): string {
  return `usage-of-user:${userId}`;
}

/** Keeps what stands as `unattributed` true to the counters and the activity of a key. Call it inside a unit of work. */
@Injectable()
export class Bookkeeping {
  constructor(
    private readonly usage: UsageRepository,
    private readonly config: Config,
  ) {}

  /** The first day whose row is kept; those before are for the clean-up. */
  firstKept(today: Day): Day {
    return addDays(today, -this.config.USAGE_STATS_RETENTION_DAYS);
  }

  /** The first hour that is kept. */
  firstKeptHour(today: Day): Hour {
    const [days, hours] = [this.firstKept(today), addDays(today, -HOURS_KEPT_DAYS)];
    return firstHourOf(days > hours ? days : hours);
  }

  /** The first day of this key that may still be written. */
  firstWritable(meter: KeyMeter, today: Day): Day {
    return meter.writableFrom(this.firstKept(today));
  }

  /** Books what the counters have grown by. A day that may not be written any more is left out. */
  async book(meter: KeyMeter, growth: Growth, today: Day): Promise<void> {
    const from = this.firstWritable(meter, today);
    const known = new Map((await this.usage.counterDays(meter.apiKeyId, from)).map((day) => [day.date, day]));
    for (const booking of growth.usage.filter(({ date }) => date >= from)) {
      this.dayIn(known, meter.apiKeyId, booking.date).book(booking);
    }
    for (const booking of growth.byokUsage.filter(({ date }) => date >= from)) {
      this.dayIn(known, meter.apiKeyId, booking.date).bookByok(booking);
    }
  }

  /** Notes that the activity has spoken of these days. Those before the first reading count as it told them at first. */
  async tell(meter: KeyMeter, dates: readonly Day[]): Promise<void> {
    const [first] = dates;
    if (first === undefined) return;
    const known = new Map((await this.usage.counterDays(meter.apiKeyId, first)).map((day) => [day.date, day]));
    for (const { date, cost, byokCost } of await this.usage.attributed(meter.apiKeyId, first)) {
      if (!dates.includes(date) || known.has(date)) continue;
      const day = this.dayIn(known, meter.apiKeyId, date);
      if (date < meter.since) day.backfill(meter.isTold(date) ? 0n : cost, meter.isTold(date) ? 0n : byokCost);
    }
    for (const date of dates) {
      const day = known.get(date);
      if (day) day.isTold = true;
    }
  }

  /** Writes what the counters show beyond the models. Doing it again changes nothing. */
  async settle(key: ApiKey, meter: KeyMeter, today: Day): Promise<void> {
    const earliest = addDays(today, -SETTLED_DAYS);
    const writable = this.firstWritable(meter, today);
    const from = writable > earliest ? writable : earliest;
    const attributed = new Map((await this.usage.attributed(key.id, from)).map((day) => [day.date, day]));
    const days = await this.usage.counterDays(key.id, from);
    const credits = ledgerOf(days, attributed);
    const byok = byokLedgerOf(days, attributed);
    settle(credits, today);
    settle(byok, today);
    const rows = new Map((await this.usage.unattributedDays(key.id, from)).map((row) => [row.date, row]));
    days.forEach((day, index) => {
      const [paid, own] = [credits[index]!, byok[index]!];
      Object.assign(day, { spent: paid.spent, late: paid.late, byokSpent: own.spent, byokLate: own.late });
      this.writeRow(key, day.date, rows.get(day.date), unattributedOf(paid), unattributedOf(own));
    });
  }

  private dayIn(known: Map<Day, CounterDay>, apiKeyId: number, date: Day): CounterDay {
    let day = known.get(date);
    if (!day) {
      day = new CounterDay(apiKeyId, date);
      known.set(date, day);
      this.usage.add(day);
    }
    return day;
  }

  private writeRow(key: ApiKey, date: Day, row: UsageDay | undefined, cost: NanoUsd, byokCost: NanoUsd): void {
    if (cost === 0n && byokCost === 0n) {
      if (row) this.usage.remove(row);
      return;
    }
    const written = row ?? new UsageDay(key.userId, key.id, date, UNATTRIBUTED);
    Object.assign(written, { cost, byokCost });
    if (!row) this.usage.add(written);
  }
}

function ledgerOf(days: CounterDay[], attributed: Map<Day, Attributed>): LedgerDay[] {
  return days.map(({ date, spent, late, isTold, isBackfilled }) => {
    return { date, spent, late, isTold, isBackfilled, attributed: attributed.get(date)?.cost ?? 0n };
  });
}

function byokLedgerOf(days: CounterDay[], attributed: Map<Day, Attributed>): LedgerDay[] {
  return days.map(({ date, byokSpent: spent, byokLate: late, isTold, isBackfilled }) => {
    return { date, spent, late, isTold, isBackfilled, attributed: attributed.get(date)?.byokCost ?? 0n };
  });
}
