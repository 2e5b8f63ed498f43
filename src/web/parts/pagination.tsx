import type { ComponentChildren } from 'preact';
import { LIVE } from '../forms/form.js';
import { exactCount } from './figures.js';
import { Icon, type IconName } from './icon.js';

interface PaginationProps {
  /** Counted from 1. */
  page: number;
  pages: number;
  /** How many there are on all pages. */
  total: number;
  addressOf: (page: number) => string;
}

/** Where one is in a long list, and the way through it. */
export function Pagination({ page, pages, total, addressOf }: PaginationProps) {
  if (pages <= 1) return null;
  return (
    <nav class="pages" aria-label="Pages of the list">
      <span class="muted">
        Page {exactCount(page)} of {exactCount(pages)}, {exactCount(total)} in all
      </span>
      <ul>
        <Step label="First" icon="minus" to={page > 2 ? addressOf(1) : null}>
          First
        </Step>
        <Step label="Previous" icon="chevron-left" to={page > 1 ? addressOf(page - 1) : null}>
          Previous
        </Step>
        <Step label="Next" icon="chevron-right" to={page < pages ? addressOf(page + 1) : null}>
          Next
        </Step>
      </ul>
    </nav>
  );
}

function Step({
  to,
  icon,
  children,
}: {
  label: string;
  icon: IconName;
  to: string | null;
  children: ComponentChildren;
}) {
  if (to === null) return null;
  return (
    <li>
      <a role="button" class="secondary small" href={to} {...LIVE}>
        {icon === 'chevron-left' && <Icon name={icon} />}
        {children}
        {icon === 'chevron-right' && <Icon name={icon} />}
      </a>
    </li>
  );
}
