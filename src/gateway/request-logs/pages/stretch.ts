import { endOfSpan, type SpanHours, startOfSpan } from '../counts/log-count.entity.js';

/** Some time on end; what happens at `until` is not in it. */
export interface Stretch {
  from: Date;
  until: Date;
}

/** How many of the calls that are asked for began in it. */
export interface CountedStretch extends Stretch {
  calls: number;
}

/** Cuts out the whole hours or days, given by their beginnings, and what is left at either end. */
export function cut(stretch: Stretch, hours: SpanHours): { whole: Date[]; rest: Stretch[] } {
  const start = startOfSpan(stretch.from, hours);
  const first = start < stretch.from ? endOfSpan(start, hours) : start;
  const end = startOfSpan(stretch.until, hours);
  if (first >= end) return { whole: [], rest: [stretch] };
  const rest = [
    { from: stretch.from, until: first },
    { from: end, until: stretch.until },
  ];
  return { whole: spansIn({ from: first, until: end }, hours), rest: rest.filter(({ from, until }) => from < until) };
}

/** The beginnings of the hours or days that a stretch consists of. */
export function spansIn({ from, until }: Stretch, hours: SpanHours): Date[] {
  const starts: Date[] = [];
  for (let start = from; start < until; start = endOfSpan(start, hours)) starts.push(start);
  return starts;
}

/** The stretches, given newest first, that have the `size` calls behind the newest `skip`; of the first one `rest` are to be skipped. */
export function pageWithin(
  newestFirst: readonly CountedStretch[],
  skip: number,
  size: number,
): { stretches: CountedStretch[]; rest: number } {
  let before = 0;
  let rest = 0;
  const stretches: CountedStretch[] = [];
  for (const stretch of newestFirst) {
    const after = before + stretch.calls;
    if (stretch.calls > 0 && after > skip && before < skip + size) {
      if (stretches.length === 0) rest = skip - before;
      stretches.push(stretch);
    }
    before = after;
  }
  return { stretches, rest };
}

/** Those that touch become one. */
export function joined(newestFirst: readonly Stretch[]): Stretch[] {
  const all: Stretch[] = [];
  for (const { from, until } of newestFirst) {
    const newer = all.at(-1);
    if (newer && newer.from.getTime() === until.getTime()) all[all.length - 1] = { from, until: newer.until };
    else all.push({ from, until });
  }
  return all;
}
