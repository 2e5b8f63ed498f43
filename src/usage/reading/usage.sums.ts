import type { Breakdown, DayPart, DayTotals, KeyTotals, ModelTotals, Totals } from './usage.reports.js';

/** Sums as a database tells them. */
export interface Sums {
  requests: number | string;
  tokens_input: number | string;
  tokens_output: number | string;
  cost: string;
}

/** The sums of one day, one model or one key, or what a `part` of a day cost; `id` and `is_active` are those of the key. */
export interface SideLine extends Sums {
  side: 'day' | 'model' | 'key' | 'part';
  name: string;
  id: number;
  is_active: number;
  part: string;
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
export function breakdownOf(lines: SideLine[]): Breakdown {
  const side = (wanted: SideLine['side']) => lines.filter((line) => line.side === wanted);
  const byDay = side('day').map((line) => ({ date: line.name, ...totalsOf(line) }));
  return inOrder(byDay, side('model').map(modelOf), side('key').map(keyOf));
}

export function partsOf(lines: SideLine[]): DayPart[] {
  const parts = lines.filter((line) => line.side === 'part');
  return parts.map(({ name, part, cost }) => ({ date: name, of: part, cost: BigInt(cost) }));
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
