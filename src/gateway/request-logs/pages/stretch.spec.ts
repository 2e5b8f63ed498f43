import fc from 'fast-check';
import { expect, it } from 'vitest';
import { endOfSpan, type SpanHours } from '../counts/log-count.entity.js';
import { type CountedStretch, cut, joined, pageWithin, type Stretch } from './stretch.js';

const at = (text: string) => new Date(`2026-06-${text}Z`);
const instant = fc.integer({ min: 0, max: 400_000_000 }).map((offset) => new Date(at('15T00:00').getTime() + offset));
const newestFirst = (some: Stretch[]) => some.toSorted((one, other) => other.from.getTime() - one.from.getTime());

it('cuts time into whole days, and what is left into whole hours', () => {
  const { whole, rest } = cut({ from: at('14T21:30'), until: at('17T02:00') }, 24);
  expect(whole).toEqual([at('15T00:00'), at('16T00:00')]);
  expect(rest.map((some) => cut(some, 1))).toEqual([
    { whole: [at('14T22:00'), at('14T23:00')], rest: [{ from: at('14T21:30'), until: at('14T22:00') }] },
    { whole: [at('17T00:00'), at('17T01:00')], rest: [] },
  ]);
});

it('cuts nothing out of less than an hour, even across a border', () => {
  const stretch = { from: at('14T23:40'), until: at('15T00:10') };
  expect(cut(stretch, 24)).toEqual({ whole: [], rest: [stretch] });
  expect(cut(stretch, 1)).toEqual({ whole: [], rest: [stretch] });
});

it('neither loses nor doubles any time, whatever is cut', () => {
  fc.assert(
    fc.property(instant, instant, fc.constantFrom<SpanHours>(1, 24), (one, other, hours) => {
      fc.pre(one.getTime() !== other.getTime());
      const [from, until] = one < other ? [one, other] : [other, one];
      const { whole, rest } = cut({ from, until }, hours);
      const spans = whole.map((start) => ({ from: start, until: endOfSpan(start, hours) }));
      expect(joined(newestFirst([...spans, ...rest]))).toEqual([{ from, until }]);
    }),
  );
});

it('finds where a page is, and how much of the first stretch comes before it', () => {
  const counted = (hour: number, calls: number): CountedStretch => {
    const from = new Date(at('15T00:00').getTime() + hour * 3_600_000);
    return { from, until: endOfSpan(from, 1), calls };
  };
  const hours = [counted(9, 3), counted(8, 0), counted(7, 5), counted(2, 1), counted(1, 4)];
  expect(pageWithin(hours, 0, 3)).toEqual({ stretches: [hours[0]], rest: 0 });
  expect(pageWithin(hours, 2, 2)).toEqual({ stretches: [hours[0], hours[2]], rest: 2 });
  expect(pageWithin(hours, 3, 2)).toEqual({ stretches: [hours[2]], rest: 0 });
  expect(pageWithin(hours, 6, 5)).toEqual({ stretches: hours.slice(2), rest: 3 });
  expect(pageWithin(hours, 13, 5)).toEqual({ stretches: [], rest: 0 });
});
