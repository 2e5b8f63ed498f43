import type { ApiKey } from '../../src/api-keys/api-key.entity.js';
import type { Period } from '../../src/shared/time/period.js';
import type { UsageFigures } from '../../src/shared/usage-figures.js';
import type { UsageDay, UsageMonth } from '../../src/usage/usage.entity.js';
import {
  type Breakdown,
  type DayAndModelTotals,
  type KeyTotals,
  type RowOrder,
  type RowSort,
  type Side,
  type Timeline,
  type Totals,
  type UsageFilter,
  UsageReports,
  type UsageRow,
} from '../../src/usage/reading/usage.reports.js';

/** Adds up plain rows, one after the other. */
export class MemoryUsageReports extends UsageReports {
  constructor(
    readonly keys: ApiKey[] = [],
    readonly days: UsageDay[] = [],
    readonly months: UsageMonth[] = [],
  ) {
    super();
  }

  async totals(userId: number, period: Period): Promise<Totals> {
    return sum(this.within(userId, period));
  }

  async breakdown(userId: number, period: Period): Promise<Breakdown> {
    const days = this.within(userId, period);
    return {
      totals: sum(days),
      byDay: groups(days, (day) => day.date)
        .map(([date, rows]) => ({ date, ...sum(rows) }))
        .toSorted((one, other) => compare(one.date, other.date)),
      byModel: groups(days, (day) => day.model)
        .map(([model, rows]) => ({ model, ...sum(rows) }))
        .toSorted((one, other) => compare(other.cost, one.cost) || compareBytes(one.model, other.model)),
      byKey: groups(days, (day) => day.apiKeyId)
        .map(([id, rows]) =>
          this.keyTotals(
            this.keys.find((key) => key.id === id)!,
            rows,
          ),
        )
        .toSorted((one, other) => compare(other.cost, one.cost) || compare(one.id, other.id)),
    };
  }

  async timeline(userId: number, period: Period, by: Side, most: number): Promise<Timeline> {
    const breakdown = await this.breakdown(userId, period);
    const nameOf = (day: UsageDay) => (by === 'model' ? day.model : String(day.apiKeyId));
    const all =
      by === 'model'
        ? breakdown.byModel.map(({ model, cost }) => ({ of: model, cost }))
        : breakdown.byKey.map(({ id, cost }) => ({ of: String(id), cost }));
    const dearest = all.filter(({ cost }) => cost !== 0n).slice(0, most);
    const days = this.within(userId, period).filter((day) => dearest.some(({ of }) => of === nameOf(day)));
    const parts = groups(days, (day) => `${day.date} ${nameOf(day)}`).map(([, rows]) => ({
      date: rows[0]!.date,
      of: nameOf(rows[0]!),
      cost: sum(rows).cost,
    }));
    return { ...breakdown, parts };
  }

  async rows(userId: number, filter: UsageFilter, skip: number, limit: number, order?: RowOrder): Promise<UsageRow[]> {
    const rows = this.matching(userId, filter);
    const sorted = order ? rows.toSorted((one, other) => compareBy(order, one, other)) : rows;
    return sorted.slice(skip, skip + limit);
  }

  async sumOfRows(userId: number, filter: UsageFilter): Promise<Totals> {
    const ids = new Set(this.matching(userId, filter).map(({ id }) => id));
    return sum(this.days.filter(({ id }) => ids.has(id)));
  }

  async countRows(userId: number, filter: UsageFilter): Promise<number> {
    return this.matching(userId, filter).length;
  }

  async *streamRows(userId: number, filter: UsageFilter): AsyncIterable<UsageRow> {
    yield* this.matching(userId, filter);
  }

  async daysAndModels(userId: number, period: Period, skip: number, limit: number): Promise<DayAndModelTotals[]> {
    return groups(this.within(userId, period), (day) => `${day.date}${day.model}`)
      .map(([, rows]) => ({ date: rows[0]!.date, model: rows[0]!.model, ...sum(rows) }))
      .toSorted((one, other) => compare(other.date, one.date) || compareBytes(one.model, other.model))
      .slice(skip, skip + limit);
  }

  async countDaysAndModels(userId: number, period: Period): Promise<number> {
    return new Set(this.within(userId, period).map((day) => `${day.date}${day.model}`)).size;
  }

  async allTimeByKey(userId: number): Promise<KeyTotals[]> {
    const rows = [...this.days, ...this.months];
    return this.keys
      .filter((key) => key.userId === userId)
      .map((key) =>
        this.keyTotals(
          key,
          rows.filter((row) => row.apiKeyId === key.id),
        ),
      )
      .toSorted((one, other) => compare(one.id, other.id));
  }

  private within(userId: number, { start, end }: Period): UsageDay[] {
    return this.days.filter((day) => day.userId === userId && day.date >= start && day.date <= end);
  }

  private matching(userId: number, { period, apiKeyId, model }: UsageFilter): UsageRow[] {
    return this.within(userId, period)
      .filter((day) => apiKeyId === undefined || day.apiKeyId === apiKeyId)
      .filter((day) => model === undefined || day.model === model)
      .map((day) => ({
        ...sum([day]),
        id: day.id,
        apiKeyId: day.apiKeyId,
        apiKeyName: this.keys.find((key) => key.id === day.apiKeyId)!.name,
        date: day.date,
        model: day.model,
      }))
      .toSorted(
        (one, other) =>
          compare(other.date, one.date) ||
          compare(one.apiKeyId, other.apiKeyId) ||
          compareBytes(one.model, other.model),
      );
  }

  private keyTotals(key: ApiKey, rows: UsageFigures[]): KeyTotals {
    return { id: key.id, name: key.name, isActive: key.isActive, ...sum(rows) };
  }
}

function sum(rows: UsageFigures[]): Totals {
  return rows.reduce<Totals>(
    (total, row) => ({
      requests: total.requests + row.requests,
      tokensInput: total.tokensInput + row.tokensInput,
      tokensOutput: total.tokensOutput + row.tokensOutput,
      cost: total.cost + row.cost,
    }),
    { requests: 0, tokensInput: 0, tokensOutput: 0, cost: 0n },
  );
}

function groups<Row, Name>(rows: Row[], nameOf: (row: Row) => Name): [Name, Row[]][] {
  return [...Map.groupBy(rows, nameOf)];
}

function compare<T extends string | number | bigint>(one: T, other: T): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

const COMPARISONS: Record<RowSort, (one: UsageRow, other: UsageRow) => number> = {
  date: (one, other) => compare(one.date, other.date),
  key: (one, other) => compareBytes(one.apiKeyName, other.apiKeyName),
  model: (one, other) => compareBytes(one.model, other.model),
  requests: (one, other) => compare(one.requests, other.requests),
  tokens_input: (one, other) => compare(one.tokensInput, other.tokensInput),
  tokens_output: (one, other) => compare(one.tokensOutput, other.tokensOutput),
  cost: (one, other) => compare(one.cost, other.cost),
};

function compareBy({ by, direction }: RowOrder, one: UsageRow, other: UsageRow): number {
  return COMPARISONS[by](one, other) * (direction === 'asc' ? 1 : -1);
}
