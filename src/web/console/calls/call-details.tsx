import type { ComponentChildren } from 'preact';
import type { LoggedCall } from '../../../gateway/request-logs/logged-call.entity.js';
import { Cost, lasting, nameOf, type Names, tokens } from './call-table.js';

/** All that is known of one request, above the list. Never what was in it: that is not stored. */
export function CallDetails({ call, names }: { call: LoggedCall; names: Names }) {
  const id = `details-${call.id}`;
  return (
    <>
      <button type="button" class="secondary small" popovertarget={id}>
        Details<span class="sr-only"> of request {call.id}</span>
      </button>
      <div id={id} popover="auto" class="question wide card" role="dialog" aria-labelledby={`${id}-title`}>
        <h2 id={`${id}-title`}>Request {call.id}</h2>
        <dl class="facts">
          {factsOf(call, names).map(([name, value]) => [
            <dt key={`${name}-name`}>{name}</dt>,
            <dd key={name}>{value}</dd>,
          ])}
        </dl>
        <p class="actions">
          <button type="button" class="secondary" popovertarget={id} popovertargetaction="hide">
            Close
          </button>
        </p>
      </div>
    </>
  );
}

function factsOf(call: LoggedCall, names: Names): [name: string, value: ComponentChildren][] {
  return [
    ['Came', `${call.createdAt.toISOString().slice(0, 23).replace('T', ' ')} UTC`],
    ['Asked', `${call.method} ${call.path}${call.isStream ? ', as a stream' : ''}`],
    ['Answered', call.statusCode === 0 ? 'The client left before.' : String(call.statusCode)],
    ['Error', call.errorMessage ?? 'none'],
    ['Model', call.model ?? 'none'],
    ['Client key', nameOf(names.keys, call.clientKeyId)],
    ['Upstream', nameOf(names.upstreams, call.upstreamId)],
    ['Tokens in', `${tokens(call.promptTokens)}, of them ${tokens(call.cachedTokens)} from a cache`],
    ['Tokens out', `${tokens(call.completionTokens)}, of them ${tokens(call.reasoningTokens)} for reasoning`],
    ['Cost', <Cost key="cost" call={call} />],
    ['Settlement', SETTLEMENTS[call.settlement]],
    ['First byte after', call.ttftMs === null ? 'never' : lasting(call.ttftMs)],
    ['Took', lasting(call.durationMs)],
    ['Generation', call.generationId ?? 'none'],
  ];
}

const SETTLEMENTS: Readonly<Record<LoggedCall['settlement'], string>> = {
  settled: 'The provider said what it cost.',
  estimated: 'Estimated from the list of prices.',
  unknown: 'Nobody has said what it cost.',
};
