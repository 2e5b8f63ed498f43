import type { ApiKey } from '../../api-keys/api-key.entity.js';
import type { LimitReset } from '../../api-keys/key-status.js';
import { shareOf } from '../../shared/money.js';
import { Money } from '../parts/figure.js';
import { percent } from '../parts/figures.js';

const WINDOWS: Record<LimitReset, string> = { daily: 'a day', weekly: 'a week', monthly: 'a month' };
const NEARLY_ALL = 0.8;

/** How much of a key's limit is used up in its current window. */
export function LimitBar({ apiKey: { limit, limitRemaining, limitReset } }: { apiKey: ApiKey }) {
  if (limit === null) return <span class="muted">No limit</span>;
  const left = limitRemaining ?? limit;
  const share = shareOf(limit - left, limit);
  const isSpent = left <= 0n;
  return (
    <div class="limit">
      <span>
        <Money nanos={left < 0n ? 0n : left} /> left of <Money nanos={limit} />
        {limitReset ? ` ${WINDOWS[limitReset]}` : ' in all'}
      </span>
      <progress
        class={`bar ${isSpent ? 'bad' : share >= NEARLY_ALL ? 'warn' : ''}`.trim()}
        max={1}
        value={isSpent ? 1 : share}
        aria-label={`${percent(share)} of the limit used`}
      />
    </div>
  );
}
