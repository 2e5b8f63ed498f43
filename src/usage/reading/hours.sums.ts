import { hoursOf } from '../../shared/time/hour.js';
import type { Period } from '../../shared/time/period.js';
import type { Hours, PartName } from './hours.reports.js';
import type { Totals } from './usage.reports.js';
import { byBytes, dearestFirst, type Sums, sumOf, totalsOf } from './usage.sums.js';

/** The sums of a day, or of an hour and of what its parts are called. */
export interface HourLine extends Sums {
  side: 'hour' | 'day';
  at: string;
  of: string;
  name: string;
}

const NOTHING: Totals = sumOf([]);

/** Puts hours and days into their order and fills in those of which nothing is known. */
export function hoursIn(period: Period, lines: HourLine[]): Hours {
  const hours = Map.groupBy(
    lines.filter(({ side }) => side === 'hour'),
    ({ at }) => at,
  );
  const days = new Map(lines.filter(({ side }) => side === 'day').map((line) => [line.at, totalsOf(line)]));
  const known = [...hours.values()].flat();
  return {
    byHour: hoursOf(period).map((hour) => ({ hour, ...sumOf((hours.get(hour) ?? []).map(totalsOf)) })),
    parts: known.map(({ at, of, cost }) => ({ hour: at, of, cost: BigInt(cost) })),
    names: namesIn(known),
    byDay: period.days().map((date) => ({ date, ...(days.get(date) ?? NOTHING) })),
  };
}

function namesIn(lines: HourLine[]): PartName[] {
  return [...Map.groupBy(lines, ({ of }) => of).values()]
    .map((parts) => ({ of: parts[0]!.of, name: parts[0]!.name, ...sumOf(parts.map(totalsOf)) }))
    .toSorted((one, other) => dearestFirst(one, other) || byBytes(one.name, other.name) || byBytes(one.of, other.of))
    .map(({ of, name }) => ({ of, name }));
}
