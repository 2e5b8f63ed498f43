import type { NanoUsd } from '../shared/money.js';
import type { Hour } from '../shared/time/hour.js';
import type { Day, Month } from '../shared/time/period.js';
import type { CounterDay } from './books/counter-day.entity.js';
import type { CounterSnapshot } from './books/counter-snapshot.entity.js';
import type { KeyHour } from './books/key-hour.entity.js';
import type { KeyMeter } from './books/key-meter.entity.js';
import type { UsageDay, UsageMonth } from './usage.entity.js';

/** What is attributed to models on one day of one key, all models together. */
export interface Attributed {
  date: Day;
  cost: NanoUsd;
  byokCost: NanoUsd;
}

/**
 * The books of every key: usage by hour, day and month, and what the keys' counters showed. To change an entry: find it,
 * change it, leave the unit of work. Lists come oldest first.
 */
export abstract class UsageRepository {
  abstract add(entry: UsageDay | UsageMonth | KeyHour | CounterDay | CounterSnapshot | KeyMeter): void;
  abstract remove(entry: UsageDay | KeyHour): void;

  abstract findMeter(apiKeyId: number): Promise<KeyMeter | null>;
  abstract findSnapshot(apiKeyId: number, date: Day, hour: number): Promise<CounterSnapshot | null>;
  abstract counterDays(apiKeyId: number, from: Day): Promise<CounterDay[]>;
  /** Sums over everything that stands under a model, what was changed in this unit of work included. */
  abstract attributed(apiKeyId: number, from: Day): Promise<Attributed[]>;
  abstract attributedDays(apiKeyId: number, dates: Day[]): Promise<UsageDay[]>;
  abstract unattributedDays(apiKeyId: number, from: Day): Promise<UsageDay[]>;

  abstract findHour(apiKeyId: number, hour: Hour, model: string): Promise<KeyHour | null>;
  /** Both ends included. */
  abstract hours(apiKeyId: number, from: Hour, through: Hour): Promise<KeyHour[]>;

  /** The first user who has usage on a day before that one. */
  abstract findOwnerOfDaysBefore(date: Day): Promise<number | null>;
  abstract daysBefore(date: Day, userId: number, limit: number): Promise<UsageDay[]>;
  abstract months(apiKeyIds: number[], months: Month[]): Promise<UsageMonth[]>;
  /** Removes what is known of before a day or an hour, at most `limit` entries; tells how many they were. */
  abstract removeCounterDaysBefore(date: Day, limit: number): Promise<number>;
  abstract removeSnapshotsBefore(date: Day, limit: number): Promise<number>;
  abstract removeHoursBefore(hour: Hour, limit: number): Promise<number>;
  /** Leaves only the last snapshot of each day before that one. */
  abstract thinSnapshotsBefore(date: Day, limit: number): Promise<number>;

  /** Everything that is known of one key becomes the other's, and what was known of that one is dropped. */
  abstract handOver(fromKeyId: number, toKeyId: number): Promise<void>;
}
