import type { ApiKey } from '../../api-keys/api-key.entity.js';
import type { Totals, UsageRow } from '../../usage/reading/usage.reports.js';
import { LIVE } from '../forms/form.js';
import { Empty } from '../parts/empty.js';
import { Count, Money } from '../parts/figure.js';
import { Icon } from '../parts/icon.js';
import { PageHead } from '../parts/page-head.js';
import { Pagination } from '../parts/pagination.js';
import { RangePicker } from '../parts/range-picker.js';
import { dayInWords } from '../parts/range.js';
import { Stat } from '../parts/stat.js';
import { addressOf, filterQuery, type Selection } from './selection.js';
import { UsageTable } from './usage-table.js';

interface StatsContentProps {
  selection: Selection;
  rows: UsageRow[];
  total: number;
  pages: number;
  /** Of the whole selection, not of the page. */
  sum: Totals;
  keys: ApiKey[];
  /** Those that were used in the period. */
  models: string[];
}

export function StatsContent({ selection, rows, total, pages, sum, keys, models }: StatsContentProps) {
  const { period } = selection.range;
  const { key, model } = filterQuery(selection);
  const keep = { ...(key && { key }), ...(model && { model }) };
  const lead = `${dayInWords(period.start)} – ${dayInWords(period.end)}, UTC: one row for each day, key and model.`;
  return (
    <>
      <PageHead title="Statistics" lead={lead}>
        <RangePicker path="/stats" range={selection.range} keep={keep} />
      </PageHead>
      <section class="card" aria-label="Filter">
        <FilterForm selection={selection} keys={keys} models={models} />
      </section>
      <Sums sum={sum} total={total} />
      <section class="card" aria-label="Usage">
        {rows.length === 0 ? (
          <Nothing hasKeys={keys.length > 0} />
        ) : (
          <>
            <UsageTable rows={rows} sum={sum} selection={selection} />
            <Pagination
              page={selection.page}
              pages={pages}
              total={total}
              addressOf={(page) => addressOf(selection, { page })}
            />
          </>
        )}
      </section>
    </>
  );
}

function FilterForm({ selection, keys, models }: Pick<StatsContentProps, 'selection' | 'keys' | 'models'>) {
  const { range, filter, order } = selection;
  const listed = filter.model === undefined || models.includes(filter.model) ? models : [filter.model, ...models];
  return (
    <form action="/stats" class="form filter" {...LIVE}>
      {Object.entries({ ...range.query, sort: order.by, order: order.direction }).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <div class="field">
        <label for="filter-key">Key</label>
        <select id="filter-key" name="key">
          <option value="">All keys</option>
          {keys
            .toSorted((one, other) => one.name.localeCompare(other.name, 'en'))
            .map(({ id, name }) => (
              <option key={id} value={id} selected={id === filter.apiKeyId}>
                {name}
              </option>
            ))}
        </select>
      </div>
      <div class="field">
        <label for="filter-model">Model</label>
        <select id="filter-model" name="model">
          <option value="">All models</option>
          {listed.map((model) => (
            <option key={model} value={model} selected={model === filter.model}>
              {model}
            </option>
          ))}
        </select>
      </div>
      <div class="actions">
        <button type="submit">
          <Icon name="filter" />
          Show
        </button>
        <a
          role="button"
          class="secondary"
          href={`/stats/export?${new URLSearchParams(filterQuery(selection))}`}
          download
        >
          <Icon name="download" />
          CSV
        </a>
      </div>
    </form>
  );
}

function Sums({ sum, total }: { sum: Totals; total: number }) {
  return (
    <dl class="stats">
      <Stat label="Spend" icon="coin">
        <Money nanos={sum.cost} />
      </Stat>
      <Stat label="Requests" icon="activity">
        <Count of={sum.requests} />
      </Stat>
      <Stat label="Tokens in" icon="arrow-down-right">
        <Count of={sum.tokensInput} />
      </Stat>
      <Stat label="Tokens out" icon="arrow-up-right">
        <Count of={sum.tokensOutput} />
      </Stat>
      <Stat label="Rows" icon="list">
        <Count of={total} />
      </Stat>
    </dl>
  );
}

function Nothing({ hasKeys }: { hasKeys: boolean }) {
  if (!hasKeys) {
    return (
      <Empty icon="key" title="Nothing to count yet">
        <p>
          <a href="/keys/new">Add an OpenRouter key</a>: what it spends is listed here after the next hourly sync.
        </p>
      </Empty>
    );
  }
  return (
    <Empty icon="search" title="No usage fits">
      <p>Choose other days, or take the filter away.</p>
      <p class="actions centred">
        <a role="button" class="secondary" href="/stats" {...LIVE}>
          Show everything
        </a>
      </p>
    </Empty>
  );
}
