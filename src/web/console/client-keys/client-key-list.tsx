import type { IssuedClientKey } from '../../../gateway/client-keys/client-key.entity.js';
import type { RegisteredUpstream } from '../../../gateway/upstreams/upstream.entity.js';
import { Confirm } from '../../parts/confirm.js';
import { Empty } from '../../parts/empty.js';
import { count, money } from '../../parts/figures.js';
import { Icon } from '../../parts/icon.js';
import { Pager, type PagerProps } from '../../parts/pager.js';
import { Ago, Instant } from '../../parts/time.js';
import { Console } from '../console.js';
import { KeyState } from './key-state.js';

interface ClientKeyListProps {
  keys: IssuedClientKey[];
  upstreams: RegisteredUpstream[];
  pages: PagerProps;
}

/** The keys that open the gateway, newest first. */
export function ClientKeyList({ keys, upstreams, pages }: ClientKeyListProps) {
  const make = (
    <a role="button" href="/console/keys/new">
      <Icon name="plus" />
      Issue a client key
    </a>
  );
  return (
    <Console tab="keys" actions={keys.length > 0 && make}>
      <section class="card" aria-label="Client keys">
        {keys.length === 0 ? (
          <Empty icon="key" title="No client keys yet">
            <p>A client key lets a team or a program call models through the gateway, with limits of its own.</p>
            <p class="actions centred">
              {upstreams.length > 0 ? make : <a href="/console/upstreams/new">First add an upstream</a>}
            </p>
          </Empty>
        ) : (
          <KeyTable keys={keys} names={new Map(upstreams.map(({ id, name }) => [id, name]))} />
        )}
        <Pager {...pages} />
      </section>
    </Console>
  );
}

function KeyTable({ keys, names }: { keys: IssuedClientKey[]; names: ReadonlyMap<number, string> }) {
  return (
    <div class="scroll">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col">Upstreams</th>
            <th scope="col">Limits</th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            <th scope="col">
              <span class="sr-only">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((issued) => (
            <KeyRow key={issued.id} issued={issued} names={names} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function KeyRow({ issued, names }: { issued: IssuedClientKey; names: ReadonlyMap<number, string> }) {
  const { id, name, upstreamIds, lastUsedAt, expiresAt } = issued;
  return (
    <tr>
      <th scope="row">
        <a href={`/console/keys/${id}`}>{name}</a>
        <div class="muted small">
          <code>{issued.keyPrefix}…</code>
        </div>
      </th>
      <td data-label="State">
        <KeyState issued={issued} />
      </td>
      <td data-label="Upstreams">
        {upstreamIds.map((upstream) => names.get(upstream) ?? `${upstream} (gone)`).join(', ')}
      </td>
      <td data-label="Limits">{limitsOf(issued) || <span class="muted">none</span>}</td>
      <td data-label="Last used">{lastUsedAt ? <Ago at={lastUsedAt} /> : <span class="muted">never</span>}</td>
      <td data-label="Expires">{expiresAt ? <Instant at={expiresAt} /> : <span class="muted">never</span>}</td>
      <td class="row-actions">
        {!issued.revokedAt && (
          <Confirm id={`revoke-${id}`} verb="Revoke" subject={name} icon="ban" action={`/console/keys/${id}/revoke`}>
            <p>Whoever uses this key is refused from now on, on every instance. That cannot be undone.</p>
          </Confirm>
        )}
      </td>
    </tr>
  );
}

/** `60/min · 100,000 tokens/min · 5 at once · $25.00 a month · 2 models` */
function limitsOf({ rpm, tpm, maxParallel, budget, budgetPeriod, models }: IssuedClientKey): string {
  const words = [
    rpm !== null && `${count(rpm)}/min`,
    tpm !== null && `${count(tpm)} tokens/min`,
    maxParallel !== null && `${count(maxParallel)} at once`,
    budget !== null && `${money(budget)} a ${budgetPeriod ?? 'month'}`,
    models !== null && `${models.length} model${models.length === 1 ? '' : 's'}`,
  ];
  return words.filter((word) => word !== false).join(' · ');
}
