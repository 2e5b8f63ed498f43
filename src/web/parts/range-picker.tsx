import { LIVE } from '../forms/form.js';
import { Icon } from './icon.js';
import { periodInWords, type Range, USUAL_DAYS } from './range.js';

interface RangePickerProps {
  path: string;
  range: Range;
  /** What else stands in the address and is to stay there. */
  keep?: Record<string, string>;
}

/** Chooses the days that a page is about: a usual length, or any two days. */
export function RangePicker({ path, range, keep = {} }: RangePickerProps) {
  return (
    <div class="range">
      <ul class="segments" aria-label="Days to look back">
        {USUAL_DAYS.map((days) => (
          <li key={days}>
            <a
              href={`${path}?${new URLSearchParams({ ...keep, days: String(days) })}`}
              aria-current={range.days === days ? 'true' : undefined}
              {...LIVE}
            >
              {days === 365 ? '1 year' : `${days} days`}
            </a>
          </li>
        ))}
      </ul>
      <details class="pop" open={range.problem !== null}>
        <summary>
          <Icon name="calendar" />
          {range.days === null ? periodInWords(range.period) : 'Other days'}
        </summary>
        <RangeForm path={path} range={range} keep={keep} />
      </details>
    </div>
  );
}

function RangeForm({ path, range, keep = {} }: RangePickerProps) {
  return (
    <form class="pop-content form" action={path} {...LIVE}>
      {Object.entries(keep).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {range.problem && (
        <p class="problem" id="range-problem">
          {range.problem}
        </p>
      )}
      <div class="field">
        <label for="range-start">First day (UTC)</label>
        <input
          id="range-start"
          type="date"
          name="start_date"
          required
          value={range.period.start}
          aria-invalid={range.problem ? 'true' : undefined}
          aria-describedby={range.problem ? 'range-problem' : undefined}
        />
      </div>
      <div class="field">
        <label for="range-end">Last day (UTC)</label>
        <input id="range-end" type="date" name="end_date" required value={range.period.end} />
      </div>
      <button type="submit">Show</button>
    </form>
  );
}
