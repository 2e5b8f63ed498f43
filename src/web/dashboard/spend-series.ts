import type { NanoUsd } from '../../shared/money.js';
import { addDays, type Day, type Period, startOf } from '../../shared/time/period.js';
import type { Timeline } from '../../usage/reading/usage.reports.js';

/** Spend over time, ready to be stacked: a row for each day or week, a column for each of the dearest. */
export interface SpendSeries {
  unit: 'day' | 'week';
  columns: string[];
  rows: { start: Day; cells: NanoUsd[]; sum: NanoUsd }[];
}

export type Side = 'model' | 'key';

/** How many models or keys have a colour of their own. */
const MOST_COLUMNS = 7;
/** Above this a bar for each day would be a hair. */
const MOST_DAYS = 100;
const OTHERS = 'Others';
const MONDAY = 1;

export function spendSeries(timeline: Timeline, period: Period, by: Side): SpendSeries {
  const unit = period.length > MOST_DAYS ? 'week' : 'day';
  const names = namesOf(timeline, by);
  const dearest = [...names.keys()].slice(0, MOST_COLUMNS);
  const hasOthers = names.size > MOST_COLUMNS;
  const columns = [...dearest.map((of) => names.get(of)!), ...(hasOthers ? [OTHERS] : [])];
  const places = new Map(dearest.map((of, index) => [of, index]));
  const rows = new Map(period.days().map((day) => [bucketOf(day, unit, period), columns.map(() => 0n)]));
  for (const { date, of, cost } of timeline.parts) {
    const cells = rows.get(bucketOf(date, unit, period))!;
    const place = places.get(of) ?? MOST_COLUMNS;
    if (place < cells.length) cells[place] = cells[place]! + cost;
  }
  return {
    unit,
    columns,
    rows: [...rows].map(([start, cells]) => ({ start, cells, sum: cells.reduce((sum, cost) => sum + cost, 0n) })),
  };
}

/** What cost anything, dearest first, by the name under which the parts have it. */
function namesOf({ byModel, byKey }: Timeline, by: Side): Map<string, string> {
  if (by === 'model') return new Map(byModel.filter(hasCost).map(({ model }) => [model, model]));
  return new Map(byKey.filter(hasCost).map(({ id, name }) => [String(id), name]));
}

/** The day itself, or the Monday of its week; the first week begins with the period. */
function bucketOf(day: Day, unit: SpendSeries['unit'], { start }: Period): Day {
  if (unit === 'day') return day;
  const sinceMonday = (startOf(day).getUTCDay() - MONDAY + 7) % 7;
  const monday = addDays(day, -sinceMonday);
  return monday < start ? start : monday;
}

function hasCost({ cost }: { cost: NanoUsd }): boolean {
  return cost !== 0n;
}
