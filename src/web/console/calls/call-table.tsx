import type { LoggedCall } from '../../../gateway/request-logs/logged-call.entity.js';
import { Money } from '../../parts/figure.js';
import { count } from '../../parts/figures.js';
import { CallDetails } from './call-details.js';

/** What is called how, by number. */
export interface Names {
  keys: ReadonlyMap<number, string>;
  upstreams: ReadonlyMap<number, string>;
}

export function nameOf(names: ReadonlyMap<number, string>, id: number | null): string {
  return id === null ? 'none' : (names.get(id) ?? `number ${id}`);
}

/** Requests, one in each row. */
export function CallTable({ calls, names }: { calls: LoggedCall[]; names: Names }) {
  return (
    <div class="scroll">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Time (UTC)</th>
            <th scope="col">Answer</th>
            <th scope="col">Model</th>
            <th scope="col">Client key</th>
            <th scope="col">Upstream</th>
            <th scope="col" class="number">
              Tokens in, out
            </th>
            <th scope="col" class="number">
              Cost
            </th>
            <th scope="col" class="number">
              Took
            </th>
            <th scope="col">
              <span class="sr-only">More</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <CallRow key={call.id} call={call} names={names} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CallRow({ call, names }: { call: LoggedCall; names: Names }) {
  return (
    <tr id={`call-${call.id}`}>
      <td data-label="Time (UTC)">
        <time class="figure" dateTime={call.createdAt.toISOString()}>
          {call.createdAt.toISOString().slice(5, 19).replace('T', ' ')}
        </time>
      </td>
      <td data-label="Answer">
        <StatusBadge status={call.statusCode} />
      </td>
      <td data-label="Model">{call.model ?? <span class="muted">none</span>}</td>
      <td data-label="Client key">{nameOf(names.keys, call.clientKeyId)}</td>
      <td data-label="Upstream">{nameOf(names.upstreams, call.upstreamId)}</td>
      <td data-label="Tokens in, out" class="number">
        {tokens(call.promptTokens)} · {tokens(call.completionTokens)}
      </td>
      <td data-label="Cost" class="number">
        <Cost call={call} />
      </td>
      <td data-label="Took" class="number">
        {lasting(call.durationMs)}
      </td>
      <td class="row-actions">
        <CallDetails call={call} names={names} />
      </td>
    </tr>
  );
}

export function Cost({ call: { cost, settlement } }: { call: LoggedCall }) {
  if (cost === null) return <span class="muted">not known</span>;
  return (
    <>
      {settlement === 'estimated' && <span title="Estimated from the list of prices">≈ </span>}
      <Money nanos={cost} />
    </>
  );
}

function StatusBadge({ status }: { status: number }) {
  if (status === 0) return <span class="badge">left before</span>;
  const tone = status < 400 ? 'good' : status < 500 ? 'warn' : 'bad';
  return <span class={`badge ${tone}`}>{status}</span>;
}

export function tokens(amount: number | null): string {
  return amount === null ? '?' : count(amount);
}

/** `840 ms`, `2.4 s` */
export function lasting(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
