import { Fragment } from 'preact';
import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { Money } from '../parts/figure.js';
import { StatusBadge } from '../parts/status-badge.js';
import { Ago } from '../parts/time.js';
import { KeyActions } from './key-actions.js';
import { KeyFormRow } from './key-form-row.js';
import type { ListingState } from './key-listing.js';
import type { KeyBranch } from './key-tree.js';
import { LimitBar } from './limit-bar.js';

const COLUMNS = ['Key', 'Status', 'Limit', 'Spent in all', 'Checked'] as const;

export function KeyTable({ branches, state }: { branches: KeyBranch[]; state: ListingState }) {
  return (
    <table class="cards keys">
      <thead>
        <tr>
          {COLUMNS.map((name) => (
            <th scope="col" key={name} class={name === 'Spent in all' ? 'number' : undefined}>
              {name}
            </th>
          ))}
          <th scope="col">
            <span class="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {branches.map(({ key, discovered }) => (
          <Fragment key={key.id}>
            <KeyRow apiKey={key} state={state} />
            {discovered.map((each) => (
              <KeyRow key={each.id} apiKey={each} state={state} isBeneath />
            ))}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function KeyRow({ apiKey, state, isBeneath }: { apiKey: ApiKey; state: ListingState; isBeneath?: true }) {
  const { open } = state;
  const form = open && open.form !== 'add' && open.id === apiKey.id ? open.form : null;
  return (
    <>
      <tr id={`key-${apiKey.id}`} class={isBeneath && 'beneath-key'}>
        <th scope="row">
          <span class="key-name">{apiKey.name}</span> <KindBadge kind={apiKey.kind} />
          {apiKey.label && <code class="key-label">{apiKey.label}</code>}
        </th>
        <td class="key-status">
          <StatusBadge apiKey={apiKey} />
          {apiKey.statusDetail && <span class="beneath">{apiKey.statusDetail}</span>}
        </td>
        <td data-label="Limit">
          <LimitBar apiKey={apiKey} />
        </td>
        <td data-label="Spent in all" class="number">
          <Money nanos={apiKey.usageTotal} />
        </td>
        <td data-label="Checked">
          <Checked apiKey={apiKey} />
        </td>
        <td class="key-actions">
          <KeyActions apiKey={apiKey} />
        </td>
      </tr>
      {form && <KeyFormRow apiKey={apiKey} form={form} state={state} columns={COLUMNS.length + 1} />}
    </>
  );
}

function KindBadge({ kind }: { kind: ApiKey['kind'] }) {
  if (kind === 'standard') return null;
  return (
    <span class={kind === 'management' ? 'badge calm' : 'badge'}>{kind === 'management' ? 'Management' : 'Found'}</span>
  );
}

function Checked({ apiKey: { lastValidatedAt, unreachableSince } }: { apiKey: ApiKey }) {
  return (
    <span>
      {lastValidatedAt ? <Ago at={lastValidatedAt} /> : 'Never'}
      {unreachableSince && (
        <span class="beneath">
          no answer since <Ago at={unreachableSince} />
        </span>
      )}
    </span>
  );
}
