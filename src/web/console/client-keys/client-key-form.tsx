import type { IssuedClientKey } from '../../../gateway/client-keys/client-key.entity.js';
import type { RegisteredUpstream } from '../../../gateway/upstreams/upstream.entity.js';
import { formatUsd } from '../../../shared/money.js';
import { Area } from '../../forms/area.js';
import { Field } from '../../forms/field.js';
import { type Fields, numberIn, textOf, textsIn } from '../../forms/fields.js';
import { Form } from '../../forms/form.js';
import { instantOf, minuteInField } from '../../forms/instant.js';
import type { Problems } from '../../forms/problems.js';
import { Tick } from '../../forms/tick.js';
import { Console } from '../console.js';
import { LIMIT_FIELDS, LimitFields } from './limit-fields.js';

export const KEY_FIELDS = ['name', 'description', 'upstream_ids', 'expires_at', ...LIMIT_FIELDS] as const;
export const BLAMED = { missing_upstreams: 'upstream_ids', invalid_upstream: 'upstream_ids' };

interface KeyFormProps {
  fields: Fields;
  upstreams: RegisteredUpstream[];
  problems?: Problems;
}

/** What was entered, as the API would be sent it. */
export function enteredKey(fields: Fields): Record<string, unknown> {
  const models = textOf(fields, 'limits.models')
    .split(/[\s,]+/)
    .filter((model) => model !== '');
  const budget = numberIn(fields, 'limits.budget_usd');
  return {
    name: textOf(fields, 'name'),
    // Browsers send line breaks as two characters.
    description: textOf(fields, 'description').replaceAll('\r\n', '\n').trim() || null,
    upstream_ids: textsIn(fields, 'upstream_ids').map(Number),
    expires_at: instantOf(textOf(fields, 'expires_at')),
    limits: {
      rpm: numberIn(fields, 'limits.rpm'),
      tpm: numberIn(fields, 'limits.tpm'),
      max_parallel: numberIn(fields, 'limits.max_parallel'),
      models: models.length > 0 ? models : undefined,
      budget_usd: budget,
      budget_period: budget === undefined ? undefined : textOf(fields, 'limits.budget_period') || undefined,
    },
  };
}

/** The same for a key that is there: an empty field takes away what it had. */
export function enteredChanges(fields: Fields): Record<string, unknown> {
  const entered = enteredKey(fields);
  return { ...entered, expires_at: entered.expires_at ?? null };
}

export function fieldsOf(issued: IssuedClientKey): Fields {
  const number = (value: number | null) => (value === null ? '' : String(value));
  return {
    name: issued.name,
    description: issued.description ?? '',
    upstream_ids: issued.upstreamIds.map(String),
    expires_at: minuteInField(issued.expiresAt),
    'limits.rpm': number(issued.rpm),
    'limits.tpm': number(issued.tpm),
    'limits.max_parallel': number(issued.maxParallel),
    'limits.models': issued.models?.join('\n') ?? '',
    'limits.budget_usd': issued.budget === null ? '' : formatUsd(issued.budget),
    'limits.budget_period': issued.budgetPeriod ?? 'month',
  };
}

/** The page on which a client key is issued. */
export function ClientKeyForm(props: KeyFormProps) {
  return (
    <Console tab="keys">
      <section class="card narrow">
        <h2>Issue a client key</h2>
        <ClientKeyFields action="/console/keys" submit="Issue the key" {...props} />
      </section>
    </Console>
  );
}

export function ClientKeyFields({
  action,
  submit,
  fields,
  upstreams,
  problems,
}: KeyFormProps & { action: string; submit: string }) {
  return (
    <Form
      action={action}
      submit={submit}
      problems={problems}
      aside={
        <a role="button" class="secondary" href="/console/keys">
          Cancel
        </a>
      }
    >
      <div class="fields top">
        <Field
          name="name"
          label="Name"
          hint="The team or program that will use it."
          required
          maxLength={255}
          autocomplete="off"
          value={textOf(fields, 'name')}
          problems={problems}
        />
        <Field
          name="expires_at"
          label="Expires (UTC)"
          hint="Optional."
          type="datetime-local"
          value={textOf(fields, 'expires_at')}
          problems={problems}
        />
      </div>
      <Area
        name="description"
        label="What it is for"
        value={textOf(fields, 'description')}
        rows={2}
        problems={problems}
      />
      <UpstreamTicks fields={fields} upstreams={upstreams} problems={problems} />
      <LimitFields fields={fields} problems={problems} />
    </Form>
  );
}

function UpstreamTicks({ fields, upstreams, problems }: KeyFormProps) {
  const ticked = textsIn(fields, 'upstream_ids');
  const problem = problems?.fields.upstream_ids;
  return (
    <fieldset aria-describedby={problem && 'upstream_ids-problem'}>
      <legend>Upstreams that it may use</legend>
      {upstreams.length === 0 && (
        <p class="muted">
          There is none yet. <a href="/console/upstreams/new">Add one first.</a>
        </p>
      )}
      {upstreams.map(({ id, name, isActive }) => (
        <Tick key={id} name="upstream_ids" value={String(id)} isTicked={ticked.includes(String(id))}>
          {name}
          {!isActive && ' (paused)'}
        </Tick>
      ))}
      {problem && (
        <p class="problem" id="upstream_ids-problem">
          {problem}
        </p>
      )}
    </fieldset>
  );
}
