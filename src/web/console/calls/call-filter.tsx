import type { IssuedClientKey } from '../../../gateway/client-keys/client-key.entity.js';
import type { RegisteredUpstream } from '../../../gateway/upstreams/upstream.entity.js';
import { Choice } from '../../forms/choice.js';
import { Field } from '../../forms/field.js';
import { type Fields, numberIn, textOf } from '../../forms/fields.js';
import { LIVE } from '../../forms/form.js';
import { instantOf } from '../../forms/instant.js';
import type { Problems } from '../../forms/problems.js';

export const FILTERS = ['api_key_id', 'upstream_id', 'status_code', 'model', 'start_time', 'end_time'] as const;

export interface FilterProps {
  fields: Fields;
  keys: IssuedClientKey[];
  upstreams: RegisteredUpstream[];
  problems?: Problems;
}

/** What was entered, as the API would be asked. */
export function enteredFilter(fields: Fields): Record<string, unknown> {
  return {
    api_key_id: numberIn(fields, 'api_key_id'),
    upstream_id: numberIn(fields, 'upstream_id'),
    status_code: numberIn(fields, 'status_code'),
    model: textOf(fields, 'model').trim() || undefined,
    start_time: instantOf(textOf(fields, 'start_time')),
    end_time: instantOf(textOf(fields, 'end_time')),
  };
}

/** The address of the list with these filters, to which `more` is added. */
export function addressOf(fields: Fields, more: Record<string, string> = {}): string {
  const given = FILTERS.map((name) => [name, textOf(fields, name)]).filter(([, value]) => value !== '');
  const query = new URLSearchParams([...(given as [string, string][]), ...Object.entries(more)]).toString();
  return `/console/logs${query && `?${query}`}`;
}

/** Which requests are wanted; stands in the address. */
export function CallFilter({ fields, keys, upstreams, problems }: FilterProps) {
  return (
    <form method="get" action="/console/logs" class="card" aria-label="Which requests" {...LIVE}>
      <div class="fields top">
        <Choice
          name="api_key_id"
          label="Client key"
          value={textOf(fields, 'api_key_id')}
          options={[['', 'All'], ...keys.map(({ id, name }) => [String(id), name] as const)]}
          problems={problems}
        />
        <Choice
          name="upstream_id"
          label="Upstream"
          value={textOf(fields, 'upstream_id')}
          options={[['', 'All'], ...upstreams.map(({ id, name }) => [String(id), name] as const)]}
          problems={problems}
        />
        <Field
          name="model"
          label="Model"
          maxLength={255}
          autocomplete="off"
          value={textOf(fields, 'model')}
          problems={problems}
        />
        <Field
          name="status_code"
          label="Status"
          type="number"
          min={0}
          max={999}
          value={textOf(fields, 'status_code')}
          problems={problems}
        />
        <Field
          name="start_time"
          label="From (UTC)"
          type="datetime-local"
          value={textOf(fields, 'start_time')}
          problems={problems}
        />
        <Field
          name="end_time"
          label="To (UTC)"
          type="datetime-local"
          value={textOf(fields, 'end_time')}
          problems={problems}
        />
      </div>
      <div class="actions">
        <button type="submit">Show</button>
        <a role="button" class="secondary" href="/console/logs" {...LIVE}>
          Show all
        </a>
      </div>
    </form>
  );
}
