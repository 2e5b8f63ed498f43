import type { RowSort, Totals, UsageRow } from '../../usage/reading/usage.reports.js';
import { LIVE } from '../forms/form.js';
import { Count, Money } from '../parts/figure.js';
import { Icon } from '../parts/icon.js';
import { addressOf, type Selection, usualDirection } from './selection.js';

interface Column {
  by: RowSort;
  label: string;
  isNumber?: true;
}

const COLUMNS: readonly Column[] = [
  { by: 'date', label: 'Day' },
  { by: 'key', label: 'Key' },
  { by: 'model', label: 'Model' },
  { by: 'requests', label: 'Requests', isNumber: true },
  { by: 'tokens_input', label: 'Tokens in', isNumber: true },
  { by: 'tokens_output', label: 'Tokens out', isNumber: true },
  { by: 'cost', label: 'Spend', isNumber: true },
];

interface UsageTableProps {
  rows: UsageRow[];
  sum: Totals;
  selection: Selection;
}

export function UsageTable({ rows, sum, selection }: UsageTableProps) {
  return (
    <table class="cards usage">
      <thead>
        <tr>
          {COLUMNS.map((column) => (
            <SortableHead key={column.by} column={column} selection={selection} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td data-label="Day" class="figure">
              {row.date}
            </td>
            <td data-label="Key">{row.apiKeyName}</td>
            <td data-label="Model">{row.model}</td>
            <Figures totals={row} />
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={3}>
            The whole selection
          </th>
          <Figures totals={sum} />
        </tr>
      </tfoot>
    </table>
  );
}

function Figures({ totals }: { totals: Totals }) {
  return (
    <>
      <td data-label="Requests" class="number">
        <Count of={totals.requests} />
      </td>
      <td data-label="Tokens in" class="number">
        <Count of={totals.tokensInput} />
      </td>
      <td data-label="Tokens out" class="number">
        <Count of={totals.tokensOutput} />
      </td>
      <td data-label="Spend" class="number">
        <Money nanos={totals.cost} />
      </td>
    </>
  );
}

/** Sorts by its column; once more, the other way round. */
function SortableHead({ column: { by, label, isNumber }, selection }: { column: Column; selection: Selection }) {
  const { order } = selection;
  const isSorted = order.by === by;
  const opposite = order.direction === 'asc' ? 'desc' : 'asc';
  const next = { by, direction: isSorted ? opposite : usualDirection(by) } as const;
  const sorted = order.direction === 'asc' ? 'ascending' : 'descending';
  return (
    <th scope="col" class={isNumber && 'number'} aria-sort={isSorted ? sorted : undefined}>
      <a href={addressOf(selection, { order: next })} {...LIVE}>
        {label}
        {isSorted && <Icon name={order.direction === 'asc' ? 'chevron-up' : 'chevron-down'} />}
      </a>
    </th>
  );
}
