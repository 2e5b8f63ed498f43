import type { NanoUsd } from '../../shared/money.js';
import { type Hour, hourOf } from '../../shared/time/hour.js';
import { addDays, type Day, type Period, startOf } from '../../shared/time/period.js';
import type { Hours, PartName } from '../../usage/reading/hours.reports.js';
import type { Side, Timeline, Totals } from '../../usage/reading/usage.reports.js';

/** One bar: an hour, a day or a week. */
export interface SpendRow {
  start: Hour | Day;
  cells: NanoUsd[];
  sum: NanoUsd;
  requests: number;
  tokens: number;
}

/** Spend over time, ready to be stacked: a row for each bar, a column for each of the dearest. */
export interface SpendSeries {
  unit: 'hour' | 'day' | 'week';
  columns: string[];
  rows: SpendRow[];
}

type Bucket = SpendRow['start'];

/** How many models or keys have a colour of their own. */
export const MOST_COLUMNS = 7;
/** Above this a bar for each day would be a hair. */
const MOST_DAYS = 100;
const OTHERS = 'Others';
const MONDAY = 1;

export function spendSeries(timeline: Timeline, period: Period, by: Side): SpendSeries {
  const unit = period.length > MOST_DAYS ? 'week' : 'day';
  const place = (day: Day) => (unit === 'day' ? day : weekOf(day, period));
  const stack = new Stack(namesOf(timeline, by), period.days().map(place));
  const unnamed = new Map(timeline.byDay.map(({ date, cost }) => [date, cost]));
  for (const { date, of, cost } of timeline.parts) {
    stack.put(place(date), of, cost);
    unnamed.set(date, unnamed.get(date)! - cost);
  }
  for (const [date, cost] of unnamed) stack.putRest(place(date), cost);
  for (const { date, ...totals } of timeline.byDay) stack.count(place(date), totals);
  return { unit, columns: stack.columns, rows: stack.rows };
}

/** The hours up to the one that is going on. */
export function hourSeries({ byHour, parts, names }: Hours, now: Date): SpendSeries {
  const begun = byHour.filter(({ hour }) => hour <= hourOf(now));
  const dear = new Set(parts.filter(hasCost).map(({ of }) => of));
  const named = names.filter(({ of }) => dear.has(of));
  const stack = new Stack(
    named,
    begun.map(({ hour }) => hour),
  );
  for (const { hour, of, cost } of parts) stack.put(hour, of, cost);
  for (const { hour, ...totals } of begun) stack.count(hour, totals);
  return { unit: 'hour', columns: stack.columns, rows: stack.rows };
}

/** Amounts on their places; whatever has no column of its own is under the others. */
class Stack {
  readonly columns: string[];
  private readonly places: Map<string, number>;
  private readonly bars: Map<Bucket, SpendRow>;

  /** `names`: what there is to stack, dearest first. */
  constructor(names: readonly PartName[], buckets: readonly Bucket[]) {
    const dearest = names.slice(0, MOST_COLUMNS);
    this.columns = [...dearest.map(({ name }) => name), ...(names.length > MOST_COLUMNS ? [OTHERS] : [])];
    this.places = new Map(dearest.map(({ of }, index) => [of, index]));
    const empty = (start: Bucket): SpendRow => {
      return { start, cells: this.columns.map(() => 0n), sum: 0n, requests: 0, tokens: 0 };
    };
    this.bars = new Map(buckets.map((bucket) => [bucket, empty(bucket)]));
  }

  get rows(): SpendRow[] {
    return [...this.bars.values()];
  }

  put(bucket: Bucket, of: string, cost: NanoUsd): void {
    this.add(bucket, this.places.get(of) ?? MOST_COLUMNS, cost);
  }

  /** What went to the others, if there are any. */
  putRest(bucket: Bucket, cost: NanoUsd): void {
    this.add(bucket, MOST_COLUMNS, cost);
  }

  count(bucket: Bucket, { requests, tokensInput, tokensOutput }: Totals): void {
    const bar = this.bars.get(bucket)!;
    bar.requests += requests;
    bar.tokens += tokensInput + tokensOutput;
  }

  private add(bucket: Bucket, place: number, cost: NanoUsd): void {
    const bar = this.bars.get(bucket);
    if (!bar || place >= this.columns.length) return;
    bar.cells[place]! += cost;
    bar.sum += cost;
  }
}

/** What cost anything, dearest first, by the name under which the parts have it. */
function namesOf({ byModel, byKey }: Timeline, by: Side): PartName[] {
  if (by === 'model') return byModel.filter(hasCost).map(({ model }) => ({ of: model, name: model }));
  return byKey.filter(hasCost).map(({ id, name }) => ({ of: String(id), name }));
}

/** The Monday of a day's week; the first week begins with the period. */
function weekOf(day: Day, { start }: Period): Day {
  const sinceMonday = (startOf(day).getUTCDay() - MONDAY + 7) % 7;
  const monday = addDays(day, -sinceMonday);
  return monday < start ? start : monday;
}

function hasCost({ cost }: { cost: NanoUsd }): boolean {
  return cost !== 0n;
}
