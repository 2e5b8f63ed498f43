import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import type { Hour } from '../shared/time/hour.js';
import type { Day, Month } from '../shared/time/period.js';
import { CounterDay } from './books/counter-day.entity.js';
import { CounterSnapshot } from './books/counter-snapshot.entity.js';
import { KeyHour } from './books/key-hour.entity.js';
import { KeyMeter } from './books/key-meter.entity.js';
import { UNATTRIBUTED, UsageDay, UsageMonth } from './usage.entity.js';
import { type Attributed, UsageRepository } from './usage.repository.js';

/** Every table that holds something of a key. */
const TABLES = [
  'usage_days',
  'usage_months',
  'usage_hours',
  'counter_days',
  'counter_snapshots',
  'key_meters',
] as const;

@Injectable()
export class MikroUsageRepository extends UsageRepository {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  add(entry: UsageDay | UsageMonth | KeyHour | CounterDay | CounterSnapshot | KeyMeter): void {
    this.em.persist(entry);
  }

  remove(entry: UsageDay | KeyHour): void {
    this.em.remove(entry);
  }

  findMeter(apiKeyId: number): Promise<KeyMeter | null> {
    return this.em.findOne(KeyMeter, { apiKeyId });
  }

  findSnapshot(apiKeyId: number, date: Day, hour: number): Promise<CounterSnapshot | null> {
    return this.em.findOne(CounterSnapshot, { apiKeyId, date, hour });
  }

  counterDays(apiKeyId: number, from: Day): Promise<CounterDay[]> {
    return this.em.find(CounterDay, { apiKeyId, date: { $gte: from } }, { orderBy: { date: 'asc' } });
  }

  async attributed(apiKeyId: number, from: Day): Promise<Attributed[]> {
    await this.em.flush();
    const rows = await this.em.execute<{ date: Day; cost: string; byok_cost: string }[]>(
      `select date, cast(sum(cost_nanos) as text) as cost, cast(sum(byok_cost_nanos) as text) as byok_cost
       from usage_days where api_key_id = ? and date >= ? and model <> ? group by date order by date`,
      [apiKeyId, from, UNATTRIBUTED],
    );
    return rows.map(({ date, cost, byok_cost }) => ({ date, cost: BigInt(cost), byokCost: BigInt(byok_cost) }));
  }

  attributedDays(apiKeyId: number, dates: Day[]): Promise<UsageDay[]> {
    const where = { apiKeyId, date: { $in: dates }, model: { $ne: UNATTRIBUTED } };
    return this.em.find(UsageDay, where, { orderBy: { date: 'asc', id: 'asc' } });
  }

  unattributedDays(apiKeyId: number, from: Day): Promise<UsageDay[]> {
    const where = { apiKeyId, date: { $gte: from }, model: UNATTRIBUTED };
    return this.em.find(UsageDay, where, { orderBy: { date: 'asc' } });
  }

  findHour(apiKeyId: number, hour: Hour, model: string): Promise<KeyHour | null> {
    return this.em.findOne(KeyHour, { apiKeyId, hour, model });
  }

  hours(apiKeyId: number, from: Hour, through: Hour): Promise<KeyHour[]> {
    return this.em.find(KeyHour, { apiKeyId, hour: { $gte: from, $lte: through } }, { orderBy: { hour: 'asc' } });
  }

  async findOwnerOfDaysBefore(date: Day): Promise<number | null> {
    const [first] = await this.em.find(UsageDay, { date: { $lt: date } }, { limit: 1, orderBy: { userId: 'asc' } });
    return first?.userId ?? null;
  }

  daysBefore(date: Day, userId: number, limit: number): Promise<UsageDay[]> {
    return this.em.find(UsageDay, { userId, date: { $lt: date } }, { limit, orderBy: { date: 'asc', id: 'asc' } });
  }

  months(apiKeyIds: number[], months: Month[]): Promise<UsageMonth[]> {
    const where = { apiKeyId: { $in: apiKeyIds }, month: { $in: months } };
    return this.em.find(UsageMonth, where, { orderBy: { month: 'asc', id: 'asc' } });
  }

  removeCounterDaysBefore(date: Day, limit: number): Promise<number> {
    return this.deleteFew('counter_days', 'date < ?', date, limit);
  }

  removeSnapshotsBefore(date: Day, limit: number): Promise<number> {
    return this.deleteFew('counter_snapshots', 'date < ?', date, limit);
  }

  removeHoursBefore(hour: Hour, limit: number): Promise<number> {
    return this.deleteFew('usage_hours', 'hour < ?', hour, limit, 'hour, api_key_id, model');
  }

  thinSnapshotsBefore(date: Day, limit: number): Promise<number> {
    const isSuperseded = `date < ? and exists (select 1 from counter_snapshots later
      where later.api_key_id = one.api_key_id and later.date = one.date and later.hour > one.hour)`;
    return this.deleteFew('counter_snapshots', isSuperseded, date, limit);
  }

  async handOver(fromKeyId: number, toKeyId: number): Promise<void> {
    await this.em.flush();
    for (const table of TABLES) {
      await this.em.execute(`delete from ${table} where api_key_id = ?`, [toKeyId], 'run');
      await this.em.execute(`update ${table} set api_key_id = ? where api_key_id = ?`, [toKeyId, fromKeyId], 'run');
    }
  }

  private async deleteFew(
    table: string,
    condition: string,
    before: Day | Hour,
    limit: number,
    key = 'id',
  ): Promise<number> {
    const result = await this.em.execute<{ affectedRows: number }>(
      `delete from ${table} where (${key}) in (select ${key} from ${table} one where ${condition} order by ${key} limit ?)`,
      [before, limit],
      'run',
    );
    return result.affectedRows;
  }
}
