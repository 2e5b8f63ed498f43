import type { Breakdown, DayTotals, KeyTotals, ModelTotals, Timeline, Totals } from './usage.reports.js';

/** Sums as a database tells them. */
export interface Sums {
  requests: number | string;
  tokens_input: number | string;
  tokens_output: number | string;
  cost: string;
}

/** The sums of one day, one model or one key; `id` and `is_active` are those of the key. */
export interface BreakdownLine extends Sums {
  side: 'day' | 'model' | 'key';
  name: string;
  id: number;
  is_active: number;
}

/** The sums of one model or one key, of one day where `date` is not empty. */
export interface TimelineLine extends Sums {
  side: 'model' | 'key';
  date: string;
  name: string;
  id: number;
  is_active: number;
}

export function totalsOf(line: Sums): Totals {
  return {
    requests: Number(line.requests),
    tokensInput: Number(line.tokens_input),
    tokensOutput: Number(line.tokens_output),
    cost: BigInt(line.cost),
  };
}

/** Sorts out the lines of the three sides, and each side in its order. */
export function breakdownOf(lines: BreakdownLine[]): Breakdown {
  const side = (wanted: BreakdownLine['side']) => lines.filter((line) => line.side === wanted);
  const byDay = side('day').map((line) => ({ date: line.name, ...totalsOf(line) }));
  return inOrder(byDay, side('model').map(modelOf), side('key').map(keyOf));
}

/** Sums up the lines of the side that is told day by day, once over the days and once within each. */
export function timelineOf(lines: TimelineLine[], by: 'model' | 'key'): Timeline {
  const daily = lines.filter((line) => line.side === by);
  const whole = lines.filter((line) => line.side !== by);
  const byDay = [...Map.groupBy(daily, ({ date }) => date)].map(([date, parts]) => ({
    date,
    ...sumOf(parts.map(totalsOf)),
  }));
  const nameOf = ({ id, name }: TimelineLine) => (by === 'model' ? name : String(id));
  const sums = [...Map.groupBy(daily, nameOf).values()].map((parts) => ({
    line: parts[0]!,
    ...sumOf(parts.map(totalsOf)),
  }));
  const sides =
    by === 'model'
      ? ([sums.map(({ line, ...sum }) => ({ model: line.name, ...sum })), whole.map(keyOf)] as const)
      : ([whole.map(modelOf), sums.map(({ line, ...sum }) => ({ ...keyOf(line), ...sum }))] as const);
  const parts = daily.map((line) => ({ date: line.date, of: nameOf(line), cost: BigInt(line.cost) }));
  return { ...inOrder(byDay, ...sides), parts };
}

function inOrder(byDay: DayTotals[], byModel: ModelTotals[], byKey: KeyTotals[]): Breakdown {
  return {
    totals: sumOf(byDay),
    byDay: byDay.toSorted((one, other) => byBytes(one.date, other.date)),
    byModel: byModel.toSorted((one, other) => dearestFirst(one, other) || byBytes(one.model, other.model)),
    byKey: byKey.toSorted((one, other) => dearestFirst(one, other) || one.id - other.id),
  };
}

function modelOf(line: Sums & { name: string }): ModelTotals {
  return { model: line.name, ...totalsOf(line) };
}

function keyOf(line: Sums & { id: number; name: string; is_active: number }): KeyTotals {
  return { id: line.id, name: line.name, isActive: line.is_active === 1, ...totalsOf(line) };
}

/** All of it together. */
export function sumOf(parts: readonly Totals[]): Totals {
  const sum: Totals = { requests: 0, tokensInput: 0, tokensOutput: 0, cost: 0n };
  for (const part of parts) {
    sum.requests += part.requests;
    sum.tokensInput += part.tokensInput;
    sum.tokensOutput += part.tokensOutput;
    sum.cost += part.cost;
  }
  return sum;
}

export function dearestFirst(one: Totals, other: Totals): number {
  if (one.cost === other.cost) return 0;
  return one.cost > other.cost ? -1 : 1;
}

/** The order of UTF-8, in which the databases sort too; JavaScript's own is that of UTF-16. */
export function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
