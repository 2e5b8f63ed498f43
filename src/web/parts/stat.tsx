import type { ComponentChildren } from 'preact';
import { change } from './figures.js';
import { Icon, type IconName } from './icon.js';

interface StatProps {
  label: string;
  icon: IconName;
  /** What the figure is about, beneath it. */
  note?: ComponentChildren;
  children: ComponentChildren;
}

/** One figure that matters, in a list of them (`<dl class="stats">`). */
export function Stat({ label, icon, note, children }: StatProps) {
  return (
    <div class="stat">
      <dt>
        <Icon name={icon} />
        {label}
      </dt>
      <dd class="stat-value">{children}</dd>
      {note && <dd class="stat-note">{note}</dd>}
    </div>
  );
}

/** How a figure differs from that of the time before. Neither more nor less is good in itself. */
export function Delta({ now, before, days }: { now: number | bigint; before: number | bigint; days: number }) {
  const difference = change(now, before);
  const since = days === 1 ? 'the day before' : `the ${days} days before`;
  if (!difference) return <>{Number(now) === 0 ? `as in ${since}` : `nothing in ${since}`}</>;
  const icon = difference.direction > 0 ? 'arrow-up-right' : 'arrow-down-right';
  return (
    <>
      <span class="delta">
        {difference.direction !== 0 && <Icon name={icon} />} {difference.text}
      </span>{' '}
      vs {since}
    </>
  );
}
