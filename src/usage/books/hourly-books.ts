import { Injectable } from '@nestjs/common';
import type { HourUsage } from '../../open-router/open-router.port.js';
import type { NanoUsd } from '../../shared/money.js';
import { firstHourOf, type Hour } from '../../shared/time/hour.js';
import type { Day } from '../../shared/time/period.js';
import { Bookkeeping } from './bookkeeping.js';
import { hoursOfGrowth } from './growth-hours.js';
import { KeyHour } from './key-hour.entity.js';
import type { Growth, KeyMeter } from './key-meter.entity.js';
import { UNATTRIBUTED } from '../usage.entity.js';
import { UsageRepository } from '../usage.repository.js';

/** Everything that analytics says of one key between two hours, both included. */
export interface ToldHours {
  from: Hour;
  through: Hour;
  usage: readonly HourUsage[];
}

/**
 * Keeps the hours of a key beside its days, as far as they are known. Where analytics tells them, it alone does; until
 * then, what the counters grow by stands as `unattributed`. Call it inside a unit of work.
 */
@Injectable()
export class HourlyBooks {
  constructor(
    private readonly usage: UsageRepository,
    private readonly books: Bookkeeping,
  ) {}

  /**
   * Adds what the counters have grown by. What is taken back comes first: if it was not all in its hour, nobody knows
   * where the rest was put, and what stands against it has no hour either.
   */
  async grow({ apiKeyId }: KeyMeter, growth: Growth, today: Day): Promise<void> {
    const firstKept = this.books.firstKeptHour(today);
    const hours = hoursOfGrowth(growth).filter(({ hour }) => hour >= firstKept);
    for (const { hour, cost } of hours.toSorted((one, other) => (one.cost < other.cost ? -1 : 1))) {
      if (!(await this.add(apiKeyId, hour, cost))) return;
    }
  }

  /** Replaces what is known of these hours. An answer without any row says nothing: analytics lags behind. */
  async tell(meter: KeyMeter, told: ToldHours, today: Day): Promise<void> {
    meter.readHoursThrough(told.through);
    const from = later(told.from, this.firstWritable(meter, today));
    const named = told.usage.filter(
      ({ hour, model }) => hour >= from && hour <= told.through && model !== UNATTRIBUTED,
    );
    if (named.length === 0) return;
    const stored = await this.usage.hours(meter.apiKeyId, from, told.through);
    const rows = new Map(stored.map((row) => [nameOf(row), row]));
    for (const { hour, model, ...figures } of named) {
      const row = rows.get(nameOf({ hour, model })) ?? new KeyHour(meter.apiKeyId, hour, model);
      Object.assign(row, figures);
      if (!rows.delete(nameOf(row))) this.usage.add(row);
    }
    for (const vanished of rows.values()) this.usage.remove(vanished);
  }

  /** False, and the hour is empty, if less is in it than is to be taken out. */
  private async add(apiKeyId: number, hour: Hour, cost: NanoUsd): Promise<boolean> {
    const known = await this.usage.findHour(apiKeyId, hour, UNATTRIBUTED);
    const row = known ?? new KeyHour(apiKeyId, hour, UNATTRIBUTED);
    const sum = row.cost + cost;
    row.cost = sum > 0n ? sum : 0n;
    if (known && row.cost === 0n) this.usage.remove(row);
    else if (!known && row.cost > 0n) this.usage.add(row);
    return sum >= 0n;
  }

  /** Only hours that are kept, of days that may still be written, of the secret that the key has now. */
  private firstWritable(meter: KeyMeter, today: Day): Hour {
    const writable = firstHourOf(later(this.books.firstWritable(meter, today), meter.historyFrom ?? ''));
    return later(writable, this.books.firstKeptHour(today));
  }
}

function later<T extends string>(one: T, other: T): T {
  return one > other ? one : other;
}

function nameOf({ hour, model }: Pick<HourUsage, 'hour' | 'model'>): string {
  return `${hour} ${model}`;
}
