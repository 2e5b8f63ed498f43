import type { IssuedClientKey } from '../../../gateway/client-keys/client-key.entity.js';
import type { KeyTotals } from '../../../gateway/request-logs/request-log.repository.js';
import type { RegisteredUpstream } from '../../../gateway/upstreams/upstream.entity.js';
import type { Fields } from '../../forms/fields.js';
import type { Problems } from '../../forms/problems.js';
import { Money } from '../../parts/figure.js';
import { count } from '../../parts/figures.js';
import { Ago, Instant } from '../../parts/time.js';
import type { NewSecret } from '../../session/once-shown.js';
import { Console } from '../console.js';
import { ClientKeyFields } from './client-key-form.js';
import { IssuedKey } from './issued-key.js';
import { KeyState } from './key-state.js';

interface ClientKeyViewProps {
  issued: IssuedClientKey;
  upstreams: RegisteredUpstream[];
  totals: KeyTotals;
  fields: Fields;
  problems?: Problems;
  secret: NewSecret | null;
}

/** One client key: its text if it is new, what it has used, and what may be changed. */
export function ClientKeyView({ issued, upstreams, totals, fields, problems, secret }: ClientKeyViewProps) {
  const first = upstreams.find(({ id }) => id === issued.upstreamIds[0]);
  return (
    <Console tab="keys">
      {secret && <IssuedKey secret={secret} models={issued.models} provider={first?.provider} />}
      <section class="card">
        <div class="card-head">
          <h2>{issued.name}</h2>
          <KeyState issued={issued} />
        </div>
        <Facts issued={issued} totals={totals} />
      </section>
      {!issued.revokedAt && (
        <section class="card narrow">
          <h2>Change it</h2>
          <ClientKeyFields
            action={`/console/keys/${issued.id}`}
            submit="Save"
            fields={fields}
            upstreams={upstreams}
            problems={problems}
          />
        </section>
      )}
    </Console>
  );
}

function Facts({ issued, totals }: Pick<ClientKeyViewProps, 'issued' | 'totals'>) {
  return (
    <dl class="facts">
      <dt>Begins with</dt>
      <dd>
        <code>{issued.keyPrefix}…</code>
      </dd>
      <dt>Issued</dt>
      <dd>
        <Instant at={issued.createdAt} />
      </dd>
      <dt>Last used</dt>
      <dd>{issued.lastUsedAt ? <Ago at={issued.lastUsedAt} /> : 'never'}</dd>
      <dt>Has used</dt>
      <dd>
        {count(totals.requests)} requests, {count(totals.promptTokens + totals.completionTokens)} tokens,{' '}
        <Money nanos={totals.cost} />{' '}
        {totals.unsettled > 0 && <span class="muted">and {count(totals.unsettled)} requests of unknown cost</span>}{' '}
        <a href={`/console/logs?api_key_id=${issued.id}`}>See its requests</a>
      </dd>
    </dl>
  );
}
