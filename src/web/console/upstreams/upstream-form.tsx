import type { ApiKey } from '../../../api-keys/api-key.entity.js';
import type { RegisteredUpstream } from '../../../gateway/upstreams/upstream.entity.js';
import { Choice } from '../../forms/choice.js';
import { Field } from '../../forms/field.js';
import { type Fields, isTicked, numberIn, textOf } from '../../forms/fields.js';
import { Form } from '../../forms/form.js';
import type { Problems } from '../../forms/problems.js';
import { Tick } from '../../forms/tick.js';
import { Console } from '../console.js';

export const UPSTREAM_FIELDS = ['name', 'provider', 'base_url', 'api_key', 'api_key_id', 'timeout'] as const;

interface UpstreamFormProps {
  fields: Fields;
  /** The registered keys that may be used in place of a key of its own. */
  apiKeys: ApiKey[];
  problems?: Problems;
  /** The one that is changed; a new one without. */
  upstream?: RegisteredUpstream;
}

/** What was entered, as the API would be sent it. */
export function enteredUpstream(fields: Fields): Record<string, unknown> {
  return {
    name: textOf(fields, 'name'),
    provider: textOf(fields, 'provider'),
    base_url: textOf(fields, 'base_url').trim(),
    api_key: textOf(fields, 'api_key').trim() || undefined,
    api_key_id: numberIn(fields, 'api_key_id'),
    timeout: numberIn(fields, 'timeout'),
    is_default: isTicked(fields, 'is_default'),
  };
}

/** The same, but that the number of a registered key which is in use already is no change. */
export function changesIn(fields: Fields, { apiKeyId }: RegisteredUpstream): Record<string, unknown> {
  const entered = enteredUpstream(fields);
  return entered.api_key_id === apiKeyId ? { ...entered, api_key_id: undefined } : entered;
}

export function fieldsOf(upstream: RegisteredUpstream): Fields {
  const { name, provider, baseUrl, apiKeyId, timeoutSeconds, isDefault } = upstream;
  return {
    name,
    provider,
    base_url: baseUrl,
    api_key_id: apiKeyId === null ? '' : String(apiKeyId),
    timeout: String(timeoutSeconds),
    is_default: isDefault ? 'true' : undefined,
  };
}

/** Adds an upstream, or changes one; its key is never shown, only replaced. */
export function UpstreamForm({ fields, apiKeys, problems, upstream }: UpstreamFormProps) {
  return (
    <Console tab="upstreams">
      <section class="card narrow">
        <h2>{upstream ? `Change ${upstream.name}` : 'Add an upstream'}</h2>
        <Form
          action={upstream ? `/console/upstreams/${upstream.id}` : '/console/upstreams'}
          submit={upstream ? 'Save' : 'Add the upstream'}
          problems={problems}
          aside={
            <a role="button" class="secondary" href="/admin">
              Cancel
            </a>
          }
        >
          <Identity fields={fields} problems={problems} />
          <Credential fields={fields} apiKeys={apiKeys} problems={problems} upstream={upstream} />
          <Field
            name="timeout"
            label="Time limit in seconds"
            hint="How long it may take to begin its answer, and be silent within one: 1 to 300, usually 60."
            type="number"
            min={1}
            max={300}
            value={textOf(fields, 'timeout') || '60'}
            problems={problems}
          />
          <Tick name="is_default" isTicked={isTicked(fields, 'is_default')} hint="Another default one steps back.">
            Serves requests that name no upstream
          </Tick>
        </Form>
      </section>
    </Console>
  );
}

function Identity({ fields, problems }: Pick<UpstreamFormProps, 'fields' | 'problems'>) {
  return (
    <>
      <div class="fields top">
        <Field
          name="name"
          label="Name"
          hint="What clients send in X-Upstream-Name."
          required
          maxLength={64}
          autocomplete="off"
          value={textOf(fields, 'name')}
          problems={problems}
        />
        <Field
          name="provider"
          label="Provider"
          hint="openrouter, openai, anthropic, or any other that speaks like OpenAI."
          required
          maxLength={64}
          autocomplete="off"
          value={textOf(fields, 'provider')}
          problems={problems}
        />
      </div>
      <Field
        name="base_url"
        label="Address of its API"
        type="url"
        placeholder="https://openrouter.ai/api/v1"
        required
        value={textOf(fields, 'base_url')}
        problems={problems}
      />
    </>
  );
}

function Credential({ fields, apiKeys, problems, upstream }: UpstreamFormProps) {
  const chosen = textOf(fields, 'api_key_id');
  const isElsewhere = chosen !== '' && !apiKeys.some(({ id }) => String(id) === chosen);
  const mask = upstream?.secretMask;
  return (
    <div class="fields top">
      <Field
        name="api_key"
        label={mask ? 'Another key' : 'Its key'}
        hint={mask ? `Empty: ${mask} stays.` : 'Stored encrypted, never shown again.'}
        type="password"
        autocomplete="new-password"
        spellcheck={false}
        maxLength={512}
        problems={problems}
      />
      <Choice
        name="api_key_id"
        label="Or one of your OpenRouter keys"
        value={chosen}
        options={[
          ['', 'none'],
          ...(isElsewhere ? [[chosen, `registered key ${chosen}`] as const] : []),
          ...apiKeys.map(({ id, name }) => [String(id), name] as const),
        ]}
        problems={problems}
      />
    </div>
  );
}
