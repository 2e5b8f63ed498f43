import type { RegisteredUpstream } from '../../../gateway/upstreams/upstream.entity.js';
import { ActionButton } from '../../forms/action-button.js';
import { Confirm } from '../../parts/confirm.js';
import { Empty } from '../../parts/empty.js';
import { Icon } from '../../parts/icon.js';
import { Console } from '../console.js';

/** The providers that the gateway sends requests to. */
export function UpstreamList({ upstreams }: { upstreams: RegisteredUpstream[] }) {
  const add = (
    <a role="button" href="/console/upstreams/new">
      <Icon name="plus" />
      Add an upstream
    </a>
  );
  return (
    <Console tab="upstreams" actions={upstreams.length > 0 && add}>
      <section class="card" aria-label="Upstreams">
        {upstreams.length === 0 ? (
          <Empty icon="server-2" title="No upstreams yet">
            <p>An upstream is a provider's API with its key: the gateway sends to it what your client keys ask for.</p>
            <p class="actions centred">{add}</p>
          </Empty>
        ) : (
          <UpstreamTable upstreams={upstreams} />
        )}
      </section>
    </Console>
  );
}

function UpstreamTable({ upstreams }: { upstreams: RegisteredUpstream[] }) {
  return (
    <div class="scroll">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col">Address</th>
            <th scope="col">Its key</th>
            <th scope="col">Time limit</th>
            <th scope="col">
              <span class="sr-only">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {upstreams.map((upstream) => (
            <UpstreamRow key={upstream.id} upstream={upstream} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function UpstreamRow({ upstream }: { upstream: RegisteredUpstream }) {
  const { id, name, provider, baseUrl, secretMask, apiKeyId, timeoutSeconds } = upstream;
  return (
    <tr>
      <th scope="row">
        <a href={`/console/upstreams/${id}`}>{name}</a>
        <div class="muted small">{provider}</div>
      </th>
      <td data-label="State">
        <span class="badges">
          {upstream.isActive ? <span class="badge good">On</span> : <span class="badge warn">Paused</span>}
          {upstream.isDefault && <span class="badge calm">Default</span>}
        </span>
      </td>
      <td data-label="Address">{baseUrl}</td>
      <td data-label="Its key">{apiKeyId === null ? <code>{secretMask}</code> : `registered key ${apiKeyId}`}</td>
      <td data-label="Time limit" class="figure">
        {timeoutSeconds} s
      </td>
      <td class="row-actions">
        <UpstreamActions upstream={upstream} />
      </td>
    </tr>
  );
}

function UpstreamActions({ upstream: { id, name, isActive, isDefault } }: { upstream: RegisteredUpstream }) {
  const path = `/console/upstreams/${id}`;
  return (
    <>
      {!isDefault && isActive && (
        <ActionButton action={`${path}/default`} icon="check" verb="Make default" subject={name} />
      )}
      {isActive ? (
        <ActionButton action={`${path}/pause`} icon="player-pause" verb="Pause" subject={name} />
      ) : (
        <ActionButton action={`${path}/resume`} icon="player-play" verb="Resume" subject={name} />
      )}
      <Confirm id={`delete-${id}`} verb="Delete" subject={name} icon="trash" action={`${path}/delete`}>
        <p>
          Client keys that may use it are answered 503 from now on, unless they may use another one. The log keeps
          naming it.
        </p>
      </Confirm>
    </>
  );
}
