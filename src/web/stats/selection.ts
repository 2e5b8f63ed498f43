import type { RowOrder, UsageFilter } from '../../usage/reading/usage.reports.js';
import { ROW_SORTS, type RowSort } from '../../usage/reading/usage.reports.js';
import { LARGEST_ID } from '../../shared/http/fields/whole-number.field.js';
import { type Fields, textOf } from '../forms/fields.js';
import { type Range, rangeOf } from '../parts/range.js';

export const ROWS_PER_PAGE = 50;
const LONGEST_MODEL = 200;
const LAST_PAGE = 1_000_000;

/** Which rows the statistics show, in which order, and which part of them: all of it stands in the address. */
export interface Selection {
  range: Range;
  filter: UsageFilter;
  order: RowOrder;
  page: number;
}

/** What cannot be understood in an address is left aside. */
export function selectionOf(fields: Fields, now: Date): Selection {
  const range = rangeOf(fields, now);
  const by = ROW_SORTS.find((sort) => sort === fields.sort) ?? 'date';
  const direction = fields.order === 'asc' || fields.order === 'desc' ? fields.order : usualDirection(by);
  const model = textOf(fields, 'model')
    .slice(0, LONGEST_MODEL)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '');
  const apiKeyId = wholeNumber(textOf(fields, 'key'), LARGEST_ID);
  return {
    range,
    filter: { period: range.period, ...(apiKeyId && { apiKeyId }), ...(model && { model }) },
    order: { by, direction },
    page: wholeNumber(textOf(fields, 'page'), LAST_PAGE) ?? 1,
  };
}

/** Names run from A to Z at first; everything else begins with the newest or the most. */
export function usualDirection(by: RowSort): RowOrder['direction'] {
  return by === 'key' || by === 'model' ? 'asc' : 'desc';
}

/** The filter as it stands in an address, without order and page. */
export function filterQuery({ range, filter }: Selection): Record<string, string> {
  return {
    ...range.query,
    ...(filter.apiKeyId !== undefined && { key: String(filter.apiKeyId) }),
    ...(filter.model !== undefined && { model: filter.model }),
  };
}

/** The address of the same selection in another order or on another page. */
export function addressOf(selection: Selection, { order = selection.order, page = 1 }: Partial<Selection>): string {
  const query = new URLSearchParams({ ...filterQuery(selection), sort: order.by, order: order.direction });
  if (page > 1) query.set('page', String(page));
  return `/stats?${query}`;
}

function wholeNumber(text: string, most: number): number | undefined {
  const number = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  return number > 0 && number <= most ? number : undefined;
}
