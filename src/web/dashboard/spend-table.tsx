import type { Side } from '../../usage/reading/usage.reports.js';
import { minuteOf } from '../../shared/time/period.js';
import { startOfHour } from '../../shared/time/hour.js';
import { LIVE } from '../forms/form.js';
import { Count, Money } from '../parts/figure.js';
import { forDrawing } from '../parts/figures.js';
import { dayInWords } from '../parts/range.js';
import type { SpendRow, SpendSeries } from './spend-series.js';

interface SpendTableProps {
  series: SpendSeries;
  by: Side;
}

const HEADS: Record<SpendSeries['unit'], string> = { hour: 'Hour (UTC)', day: 'Day', week: 'Week from' };
const HOURS_OF_A_DAY = 24;

/** The figures that the chart is drawn from; columns set aside are not in it. */
export function SpendTable({ series: { unit, columns, rows }, by }: SpendTableProps) {
  return (
    <div class="scroll tall" tabIndex={0} role="region" aria-label="Spend over time, as a table">
      <table>
        <thead>
          <tr>
            <th scope="col">{HEADS[unit]}</th>
            {columns.map((name) => (
              <th scope="col" class="number" key={name}>
                {name}
              </th>
            ))}
            {['Together', 'Requests', 'Tokens'].map((name) => (
              <th scope="col" class="number" data-aside="true" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.start}>
              {unit === 'hour' ? (
                <HourHead row={row} days={rows.length / HOURS_OF_A_DAY} />
              ) : (
                <DayHead row={row} unit={unit} by={by} />
              )}
              {row.cells.map((cost, index) => (
                <td class="number" key={columns[index]} data-value={forDrawing(cost)}>
                  {cost === 0n ? '–' : <Money nanos={cost} />}
                </td>
              ))}
              <td class="number">
                <Money nanos={row.sum} />
              </td>
              <td class="number">{row.requests === 0 ? '–' : <Count of={row.requests} />}</td>
              <td class="number">{row.tokens === 0 ? '–' : <Count of={row.tokens} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A day leads to its hours. */
function DayHead({ row: { start }, unit, by }: { row: SpendRow; unit: SpendSeries['unit']; by: Side }) {
  const words = dayInWords(start);
  const hours = `/dashboard?${new URLSearchParams({ start_date: start, end_date: start, by })}`;
  return (
    <th scope="row" class="figure" data-short={shortDay(start)}>
      {unit === 'day' ? (
        <a href={hours} {...LIVE}>
          {words}
        </a>
      ) : (
        words
      )}
    </th>
  );
}

/** `days`: how long the whole is, by which the axis has room for some hours or for days alone. */
function HourHead({ row: { start }, days }: { row: SpendRow; days: number }) {
  const [day, hour] = start.split('T') as [string, string];
  const step = days <= 1 ? 1 : days <= 3 ? 6 : HOURS_OF_A_DAY;
  const mark = hour === '00' && days > 1 ? shortDay(day) : `${hour}:00`;
  const at = startOfHour(start);
  return (
    <th
      scope="row"
      class="figure"
      data-short={`${shortDay(day)} ${hour}:00`}
      data-mark={Number(hour) % step === 0 ? mark : ''}
    >
      <time dateTime={at.toISOString()} title={minuteOf(at)}>
        {dayInWords(day)}, {hour}:00
      </time>
    </th>
  );
}

function shortDay(day: string): string {
  return dayInWords(day).replace(/ \d{4}$/, '');
}
