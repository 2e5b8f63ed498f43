import type { Token } from '../../tokens/token.entity.js';
import { LIVE } from '../forms/form.js';
import { useScene } from '../layout/scene.js';
import { Confirm } from '../parts/confirm.js';
import { Empty } from '../parts/empty.js';
import { Icon } from '../parts/icon.js';
import { Ago, Instant } from '../parts/time.js';

/** A person's tokens: what each is called, when it was used last, until when it works. */
export function TokenList({ tokens, withRevoked }: { tokens: Token[]; withRevoked: boolean }) {
  return (
    <section class="card" aria-labelledby="tokens-title">
      <div class="card-head">
        <h2 id="tokens-title">Your tokens</h2>
        <ul class="segments">
          <li>
            <a href="/tokens" aria-current={withRevoked ? undefined : 'true'} {...LIVE}>
              Not revoked
            </a>
          </li>
          <li>
            <a href="/tokens?revoked=true" aria-current={withRevoked ? 'true' : undefined} {...LIVE}>
              All
            </a>
          </li>
        </ul>
      </div>
      {tokens.length === 0 ? (
        <Empty icon="api" title="No tokens yet">
          <p>Make one above for the first program that shall read your usage: a dashboard, a script, a spreadsheet.</p>
        </Empty>
      ) : (
        <TokenTable tokens={tokens} />
      )}
    </section>
  );
}

function TokenTable({ tokens }: { tokens: Token[] }) {
  return (
    <div class="scroll">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            <th scope="col">Made</th>
            <th scope="col">
              <span class="sr-only">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function TokenRow({ token }: { token: Token }) {
  return (
    <tr>
      <th scope="row">{token.name}</th>
      <td data-label="State">
        <State token={token} />
      </td>
      <td data-label="Last used">
        {token.lastUsedAt ? <Ago at={token.lastUsedAt} /> : <span class="muted">never</span>}
      </td>
      <td data-label="Expires">
        {token.expiresAt ? <Instant at={token.expiresAt} /> : <span class="muted">never</span>}
      </td>
      <td data-label="Made">
        <Instant at={token.createdAt} />
      </td>
      <td class="row-actions">
        {!token.revokedAt && (
          <Confirm
            id={`revoke-${token.id}`}
            verb="Revoke"
            subject={token.name}
            icon="ban"
            action={`/tokens/${token.id}/revoke`}
          >
            <p>Whatever uses this token is refused from now on. That cannot be undone.</p>
          </Confirm>
        )}
      </td>
    </tr>
  );
}

function State({ token }: { token: Token }) {
  const { now } = useScene();
  if (token.revokedAt) return <span class="badge">Revoked</span>;
  if (!token.isActive(now)) return <span class="badge warn">Expired</span>;
  return (
    <span class="badge good">
      <Icon name="check" />
      Works
    </span>
  );
}
