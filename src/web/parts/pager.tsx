import { SeeOther } from '../answers/view.js';
import { type Fields, textOf } from '../forms/fields.js';
import { LIVE } from '../forms/form.js';
import { exactCount } from './figures.js';
import { Icon } from './icon.js';

const LARGEST_PAGE = 1_000_000;

export interface PagerProps {
  /** The address of the list, with its filters; the page is added to it. */
  path: string;
  /** Counted from 1. */
  page: number;
  pages: number;
  /** How many there are on all pages. */
  total: number;
}

/** The page that an address asks for; the first one if it asks for none that can be. */
export function pageOf(query: Fields): number {
  const page = /^[1-9]\d{0,6}$/.test(textOf(query, 'page')) ? Number(query.page) : 1;
  return Math.min(page, LARGEST_PAGE);
}

/** Leads on from a page behind the last one, which would look as if there was nothing at all; null for every other. */
export function backToLast({ path, page, pages }: PagerProps): SeeOther | null {
  if (page === 1 || page <= pages) return null;
  return new SeeOther(addressOf(path, Math.max(pages, 1)));
}

/** The way through a list that has more than one page. */
export function Pager({ path, page, pages, total }: PagerProps) {
  if (pages <= 1) return null;
  return (
    <nav class="pages" aria-label="Pages of the list">
      <span class="muted">
        Page {exactCount(page)} of {exactCount(pages)}, {exactCount(total)} in all
      </span>
      <ul>
        {page > 1 && (
          <li>
            <a role="button" class="secondary small" rel="prev" href={addressOf(path, page - 1)} {...LIVE}>
              <Icon name="chevron-left" />
              Newer
            </a>
          </li>
        )}
        {page < pages && (
          <li>
            <a role="button" class="secondary small" rel="next" href={addressOf(path, page + 1)} {...LIVE}>
              Older
              <Icon name="chevron-right" />
            </a>
          </li>
        )}
      </ul>
    </nav>
  );
}

function addressOf(path: string, page: number): string {
  return `${path}${path.includes('?') ? '&' : '?'}page=${page}`;
}
