import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { Alert, LIVE } from '../forms/form.js';
import { Empty } from '../parts/empty.js';
import { Icon } from '../parts/icon.js';
import { PageHead } from '../parts/page-head.js';
import { AddKeyForm } from './add-key-form.js';
import type { ListingState } from './key-listing.js';
import { KeyTable } from './key-table.js';
import { keyTree } from './key-tree.js';
import { Kinds } from './kinds.js';

interface KeysContentProps {
  keys: ApiKey[];
  /** How many one may register. */
  most: number;
  state: ListingState;
}

export function KeysContent({ keys, most, state }: KeysContentProps) {
  const { open, problems } = state;
  const registered = keys.filter(({ kind }) => kind !== 'discovered').length;
  const isAdding = open?.form === 'add';
  return (
    <>
      <PageHead
        title="Keys"
        lead={`${registered} of ${most} keys added, ${keys.length - registered} found through them.`}
      >
        {!isAdding && (
          <a role="button" href="/keys/new" {...LIVE}>
            <Icon name="plus" />
            Add a key
          </a>
        )}
      </PageHead>
      {!open && problems?.general && <Alert>{problems.general}</Alert>}
      {isAdding && <AddKeyForm state={state} />}
      <section class="card" aria-label="Your keys">
        {keys.length === 0 ? <NoKeys /> : <KeyTable branches={keyTree(keys)} state={state} />}
      </section>
      <Kinds />
    </>
  );
}

function NoKeys() {
  return (
    <Empty icon="key" title="No keys yet">
      <p>
        Make a key at OpenRouter and add it here: it is checked at once, stored encrypted, and its spend is read every
        hour. With a management key you see all the keys of its account.
      </p>
    </Empty>
  );
}
