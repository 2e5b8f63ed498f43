import { LIVE } from '../forms/form.js';
import { Money } from '../parts/figure.js';
import { forDrawing } from '../parts/figures.js';
import { dayInWords, type Range } from '../parts/range.js';
import type { Side, SpendSeries } from './spend-series.js';

const SIDES: Record<Side, string> = { model: 'By model', key: 'By key' };

interface SpendChartProps {
  series: SpendSeries;
  by: Side;
  range: Range;
}

/** Spend over time as stacked bars, drawn by a script from the table that is there for everybody. */
export function SpendChart({ series, by, range }: SpendChartProps) {
  return (
    <section class="card" aria-labelledby="spend-title">
      <div class="card-head">
        <div>
          <h2 id="spend-title">Spend over time</h2>
          <p class="hint">
            {series.unit === 'day' ? 'By day, UTC.' : 'By week, from Monday, UTC.'} OpenRouter reports whole days, so
            there are no hours.
          </p>
        </div>
        <ul class="segments" aria-label="Stacked by">
          {(Object.keys(SIDES) as Side[]).map((side) => (
            <li key={side}>
              <a
                href={`/dashboard?${new URLSearchParams({ ...range.query, by: side })}`}
                aria-current={side === by ? 'true' : undefined}
                {...LIVE}
              >
                {SIDES[side]}
              </a>
            </li>
          ))}
        </ul>
      </div>
      <div class="chart">
        <div class="chart-space" aria-hidden="true">
          <canvas />
        </div>
        <details class="as-table">
          <summary>Show as a table</summary>
          <SpendTable series={series} />
        </details>
      </div>
    </section>
  );
}

function SpendTable({ series: { unit, columns, rows } }: { series: SpendSeries }) {
  return (
    <div class="scroll tall" tabIndex={0} role="region" aria-label="Spend over time, as a table">
      <table>
        <thead>
          <tr>
            <th scope="col">{unit === 'day' ? 'Day' : 'Week from'}</th>
            {columns.map((name) => (
              <th scope="col" class="number" key={name}>
                {name}
              </th>
            ))}
            <th scope="col" class="number" data-aside="sum">
              Together
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ start, cells, sum }) => (
            <tr key={start}>
              <th scope="row" class="figure" data-short={dayInWords(start).replace(/ \d{4}$/, '')}>
                {dayInWords(start)}
              </th>
              {cells.map((cost, index) => (
                <td class="number" key={columns[index]} data-value={forDrawing(cost)}>
                  {cost === 0n ? '–' : <Money nanos={cost} />}
                </td>
              ))}
              <td class="number">
                <Money nanos={sum} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
