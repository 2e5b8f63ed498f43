import { HOURS_KEPT_DAYS } from '../../usage/books/bookkeeping.js';
import type { Side } from '../../usage/reading/usage.reports.js';
import { LIVE } from '../forms/form.js';
import { Money } from '../parts/figure.js';
import type { Range } from '../parts/range.js';
import { useScene } from '../layout/scene.js';
import { addressOf, type Grain } from './grain.js';
import type { KnownHours } from './known-hours.js';
import type { SpendSeries } from './spend-series.js';
import { SpendTable } from './spend-table.js';

interface SpendChartProps {
  series: SpendSeries;
  /** Where the series is by the hour: what part of the spend that is. */
  known: KnownHours | null;
  by: Side;
  grain: Grain;
  range: Range;
}

const SIDES: Record<Side, string> = { model: 'By model', key: 'By key' };
const UNITS: Record<SpendSeries['unit'], string> = {
  hour: 'By hour, UTC.',
  day: 'By day, UTC.',
  week: 'By week, from Monday, UTC.',
};

/** Spend over time as stacked bars, drawn by a script from the table that is there for everybody. */
export function SpendChart(props: SpendChartProps) {
  const { series, known, by } = props;
  const isUnknown = series.unit === 'hour' && series.rows.every(({ sum, requests }) => sum === 0n && requests === 0);
  return (
    <section class="card" aria-labelledby="spend-title">
      <div class="card-head">
        <div>
          <h2 id="spend-title">Spend over time</h2>
          <p class="hint">
            {UNITS[series.unit]} {known && !isUnknown && <KnownPart known={known} />}
          </p>
        </div>
        <Switches {...props} />
      </div>
      {isUnknown ? (
        <NoHours />
      ) : (
        <div class="chart">
          <div class="chart-space" aria-hidden="true">
            <canvas />
          </div>
          <details class="as-table">
            <summary>Show as a table</summary>
            <SpendTable series={series} by={by} />
          </details>
        </div>
      )}
    </section>
  );
}

function Switches({ series, by, grain, range }: SpendChartProps) {
  const { now } = useScene();
  const grains: [Grain, string][] = [
    ['day', series.unit === 'week' ? 'Weekly' : 'Daily'],
    ['hour', 'Hourly'],
  ];
  return (
    <div class="range">
      <ul class="segments" aria-label="A bar for each">
        {grains.map(([each, word]) => (
          <Segment key={each} href={addressOf(range, by, each, now)} isCurrent={each === grain} word={word} />
        ))}
      </ul>
      <ul class="segments" aria-label="Stacked by">
        {(Object.keys(SIDES) as Side[]).map((side) => (
          <Segment key={side} href={addressOf(range, side, grain, now)} isCurrent={side === by} word={SIDES[side]} />
        ))}
      </ul>
    </div>
  );
}

function Segment({ href, isCurrent, word }: { href: string; isCurrent: boolean; word: string }) {
  return (
    <li>
      <a href={href} aria-current={isCurrent ? 'true' : undefined} {...LIVE}>
        {word}
      </a>
    </li>
  );
}

/** Days are the truth: what hours do not tell, or tell beyond it, is said. */
function KnownPart({ known: { hours, days, missing, excess } }: { known: KnownHours }) {
  if (missing === 0n && excess === 0n) return <>All of the spend is known by the hour.</>;
  const shown = hours > excess ? hours - excess : 0n;
  return (
    <>
      {missing > 0n && (
        <>
          <Money nanos={shown} /> of <Money nanos={days} /> is known by the hour, the rest only by the day.{' '}
        </>
      )}
      {excess > 0n && (
        <>
          The hours of some days come to <Money nanos={excess} /> more than the day, which is what counts.
        </>
      )}
    </>
  );
}

function NoHours() {
  return (
    <p>
      No hour of these days is known, only the days are. A management key tells hours by model, from a week before it
      was added; of any other key, an hour is known that lies between two syncs. Hours are kept for {HOURS_KEPT_DAYS}{' '}
      days.
    </p>
  );
}
