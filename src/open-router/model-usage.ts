import { sumOf } from '../shared/usage-figures.js';
import type { ModelUsage } from './open-router.port.js';

/** One figure for each day and model: what all endpoints of the model did together. */
export function sumByModel(rows: ModelUsage[]): ModelUsage[] {
  const sums = new Map<string, ModelUsage>();
  for (const row of rows) {
    const place = `${row.date} ${row.model}`;
    const sum = sums.get(place);
    sums.set(place, sum ? { ...sum, ...sumOf(sum, row) } : row);
  }
  return [...sums.values()];
}
