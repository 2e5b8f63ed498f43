import { sumOf } from '../shared/usage-figures.js';
import type { HourUsage, ModelUsage } from './open-router.port.js';

/** One figure for each day and model: what all endpoints of the model did together. */
export function sumByModel(rows: ModelUsage[]): ModelUsage[] {
  return merged(rows, ({ date, model }) => `${date} ${model}`, sumOf);
}

/** One figure for each hour and model. */
export function sumByHour(rows: HourUsage[]): HourUsage[] {
  return merged(
    rows,
    ({ hour, model }) => `${hour} ${model}`,
    (one, other) => ({
      requests: one.requests + other.requests,
      tokensInput: one.tokensInput + other.tokensInput,
      tokensOutput: one.tokensOutput + other.tokensOutput,
      cost: one.cost + other.cost,
    }),
  );
}

/** Rows of the same place become one. */
function merged<Row>(rows: Row[], placeOf: (row: Row) => string, sum: (one: Row, other: Row) => Partial<Row>): Row[] {
  const sums = new Map<string, Row>();
  for (const row of rows) {
    const place = placeOf(row);
    const known = sums.get(place);
    sums.set(place, known ? { ...known, ...sum(known, row) } : row);
  }
  return [...sums.values()];
}
