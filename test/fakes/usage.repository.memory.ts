import type { Hour } from '../../src/shared/time/hour.js';
import type { Day, Month } from '../../src/shared/time/period.js';
import { CounterDay } from '../../src/usage/books/counter-day.entity.js';
import { CounterSnapshot } from '../../src/usage/books/counter-snapshot.entity.js';
import { KeyHour } from '../../src/usage/books/key-hour.entity.js';
import { KeyMeter } from '../../src/usage/books/key-meter.entity.js';
import { UNATTRIBUTED, UsageDay, UsageMonth } from '../../src/usage/usage.entity.js';
import { type Attributed, UsageRepository } from '../../src/usage/usage.repository.js';

type Entry = UsageDay | UsageMonth | KeyHour | CounterDay | CounterSnapshot | KeyMeter;

/** The books in memory. */
export class MemoryUsageRepository extends UsageRepository {
  private entries: Entry[] = [];
  private lastId = 0;

  add(entry: Entry): void {
    Object.assign(entry, { id: ++this.lastId });
    this.entries.push(entry);
  }

  remove(gone: UsageDay | KeyHour): void {
    this.entries = this.entries.filter((entry) => entry !== gone);
  }

  async findMeter(apiKeyId: number): Promise<KeyMeter | null> {
    return this.all(KeyMeter, apiKeyId)[0] ?? null;
  }

  async findSnapshot(apiKeyId: number, date: Day, hour: number): Promise<CounterSnapshot | null> {
    return this.all(CounterSnapshot, apiKeyId).find((one) => one.date === date && one.hour === hour) ?? null;
  }

  async counterDays(apiKeyId: number, from: Day): Promise<CounterDay[]> {
    return byDate(this.all(CounterDay, apiKeyId).filter(({ date }) => date >= from));
  }

  async attributed(apiKeyId: number, from: Day): Promise<Attributed[]> {
    const sums = new Map<Day, Attributed>();
    for (const { date, model, cost, byokCost } of byDate(this.all(UsageDay, apiKeyId))) {
      if (date < from || model === UNATTRIBUTED) continue;
      const sum = sums.get(date) ?? { date, cost: 0n, byokCost: 0n };
      sums.set(date, { date, cost: sum.cost + cost, byokCost: sum.byokCost + byokCost });
    }
    return [...sums.values()];
  }

  async attributedDays(apiKeyId: number, dates: Day[]): Promise<UsageDay[]> {
    const days = this.all(UsageDay, apiKeyId).filter(
      ({ date, model }) => dates.includes(date) && model !== UNATTRIBUTED,
    );
    return byDate(days);
  }

  async unattributedDays(apiKeyId: number, from: Day): Promise<UsageDay[]> {
    return byDate(this.all(UsageDay, apiKeyId).filter(({ date, model }) => date >= from && model === UNATTRIBUTED));
  }

  async findHour(apiKeyId: number, hour: Hour, model: string): Promise<KeyHour | null> {
    return this.all(KeyHour, apiKeyId).find((one) => one.hour === hour && one.model === model) ?? null;
  }

  async hours(apiKeyId: number, from: Hour, through: Hour): Promise<KeyHour[]> {
    return this.all(KeyHour, apiKeyId)
      .filter(({ hour }) => hour >= from && hour <= through)
      .toSorted((one, other) => (one.hour < other.hour ? -1 : one.hour > other.hour ? 1 : 0));
  }

  async findOwnerOfDaysBefore(date: Day): Promise<number | null> {
    const owners = this.all(UsageDay).filter((day) => day.date < date);
    return owners.length > 0 ? Math.min(...owners.map(({ userId }) => userId)) : null;
  }

  async daysBefore(date: Day, userId: number, limit: number): Promise<UsageDay[]> {
    return byDate(this.all(UsageDay).filter((day) => day.userId === userId && day.date < date)).slice(0, limit);
  }

  async months(apiKeyIds: number[], months: Month[]): Promise<UsageMonth[]> {
    return this.all(UsageMonth)
      .filter(({ apiKeyId, month }) => apiKeyIds.includes(apiKeyId) && months.includes(month))
      .toSorted((one, other) => (one.month < other.month ? -1 : one.month > other.month ? 1 : one.id - other.id));
  }

  async removeCounterDaysBefore(date: Day, limit: number): Promise<number> {
    return this.drop(
      this.all(CounterDay)
        .filter((day) => day.date < date)
        .slice(0, limit),
    );
  }

  async removeSnapshotsBefore(date: Day, limit: number): Promise<number> {
    return this.drop(
      this.all(CounterSnapshot)
        .filter((one) => one.date < date)
        .slice(0, limit),
    );
  }

  async removeHoursBefore(hour: Hour, limit: number): Promise<number> {
    return this.drop(
      this.all(KeyHour)
        .filter((one) => one.hour < hour)
        .slice(0, limit),
    );
  }

  async thinSnapshotsBefore(date: Day, limit: number): Promise<number> {
    const all = this.all(CounterSnapshot);
    const isSuperseded = (one: CounterSnapshot) =>
      all.some((other) => other.apiKeyId === one.apiKeyId && other.date === one.date && other.hour > one.hour);
    return this.drop(all.filter((one) => one.date < date && isSuperseded(one)).slice(0, limit));
  }

  async handOver(fromKeyId: number, toKeyId: number): Promise<void> {
    this.entries = this.entries.filter(({ apiKeyId }) => apiKeyId !== toKeyId);
    for (const entry of this.entries) if (entry.apiKeyId === fromKeyId) Object.assign(entry, { apiKeyId: toKeyId });
  }

  private all<T extends Entry>(kind: new (...parameters: never[]) => T, apiKeyId?: number): T[] {
    const ofKind = this.entries.filter((entry) => entry instanceof kind) as T[];
    return ofKind.filter((entry) => apiKeyId === undefined || entry.apiKeyId === apiKeyId);
  }

  private drop(entries: Entry[]): number {
    const dropped = new Set(entries);
    this.entries = this.entries.filter((entry) => !dropped.has(entry));
    return dropped.size;
  }
}

function byDate<T extends { date: Day; id: number }>(entries: T[]): T[] {
  return entries.toSorted((one, other) => (one.date < other.date ? -1 : one.date > other.date ? 1 : one.id - other.id));
}
