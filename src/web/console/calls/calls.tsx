import type { LoggedCall } from '../../../gateway/request-logs/logged-call.entity.js';
import { LIVE } from '../../forms/form.js';
import { Empty } from '../../parts/empty.js';
import { Icon } from '../../parts/icon.js';
import { Pager, type PagerProps } from '../../parts/pager.js';
import { Console } from '../console.js';
import { addressOf, CallFilter, type FilterProps } from './call-filter.js';
import { CallTable } from './call-table.js';

export interface CallList {
  items: LoggedCall[];
  pages: PagerProps;
}

interface CallsProps extends FilterProps {
  /** Missing where the filter cannot be. */
  list?: CallList;
  isLive: boolean;
}

/** Every request to the gateway, newest first; on request it goes on by itself. */
export function Calls({ list, isLive, ...filter }: CallsProps) {
  return (
    <Console tab="logs">
      <CallFilter {...filter} />
      {list && <Log list={list} isLive={isLive} {...filter} />}
    </Console>
  );
}

function Log({ list: { items, pages }, isLive, fields, keys, upstreams }: CallsProps & { list: CallList }) {
  const names = {
    keys: new Map(keys.map(({ id, name }) => [id, name])),
    upstreams: new Map(upstreams.map(({ id, name }) => [id, name])),
  };
  const isFiltered = addressOf(fields) !== '/console/logs';
  return (
    <section id="calls" class="card" aria-label="Requests" {...(isLive && watching(fields, items))}>
      <div class="card-head">
        <h2>{pages.total === 1 ? '1 request' : `${pages.total.toLocaleString('en-US')} requests`}</h2>
        <LiveSwitch isLive={isLive} still={addressOf(fields)} live={addressOf(fields, { live: 'true' })} />
      </div>
      {items.length === 0 ? (
        <Empty icon="list" title={isFiltered ? 'Nothing matches' : 'No requests yet'}>
          <p>
            {isFiltered
              ? 'Widen the time, or take a filter away.'
              : 'Issue a client key and send a request with it: it stands here about a second later.'}
          </p>
        </Empty>
      ) : (
        <CallTable calls={items} names={names} />
      )}
      {!isLive && <Pager {...pages} />}
    </section>
  );
}

/** Looks every two seconds whether there is something newer; what is open or has the focus stays so. */
function watching(fields: FilterProps['fields'], items: LoggedCall[]): Record<string, string> {
  const newest = String(items.reduce((most, { id }) => Math.max(most, id), 0));
  return {
    'hx-get': addressOf(fields, { live: 'true', after: newest }),
    'hx-trigger': 'every 2s',
    'hx-target': '#calls',
    'hx-select': '#calls',
    'hx-swap': 'outerMorph',
    'hx-status:5xx': 'swap:none',
  };
}

function LiveSwitch({ isLive, still, live }: { isLive: boolean; still: string; live: string }) {
  return (
    <div class="actions">
      <a role="button" class="secondary small" href={isLive ? live : still} {...LIVE}>
        <Icon name="refresh" />
        Load again
      </a>
      <ul class="segments">
        <li>
          <a href={still} aria-current={isLive ? undefined : 'true'} {...LIVE}>
            Still
          </a>
        </li>
        <li>
          <a href={live} aria-current={isLive ? 'true' : undefined} {...LIVE}>
            Live
          </a>
        </li>
      </ul>
    </div>
  );
}
