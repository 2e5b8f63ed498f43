import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { Field } from '../forms/field.js';
import { Form, LIVE } from '../forms/form.js';
import { SecretField } from './add-key-form.js';
import type { KeyForm, ListingState } from './key-listing.js';

interface KeyFormProps {
  apiKey: ApiKey;
  state: ListingState;
}

const FORMS: Record<KeyForm, (props: KeyFormProps) => preact.JSX.Element> = {
  rename: RenameForm,
  replace: ReplaceForm,
  delete: DeleteForm,
};

/** A form that is open beneath its key. */
export function KeyFormRow({ form, columns, ...props }: KeyFormProps & { form: KeyForm; columns: number }) {
  const Open = FORMS[form];
  return (
    <tr class="form-row">
      <td colSpan={columns}>
        <Open {...props} />
      </td>
    </tr>
  );
}

function RenameForm({ apiKey: { id, name }, state: { fields, problems } }: KeyFormProps) {
  const entered = typeof fields.name === 'string' ? fields.name : name;
  return (
    <Form action={`/keys/${id}/rename`} submit="Rename" problems={problems} label={`Rename ${name}`} aside={<Cancel />}>
      <Field
        name="name"
        label={`New name of "${name}"`}
        required
        maxLength={100}
        autocomplete="off"
        autofocus
        value={entered}
        problems={problems}
      />
    </Form>
  );
}

function ReplaceForm({ apiKey: { id, name, kind }, state: { problems } }: KeyFormProps) {
  const hint =
    kind === 'discovered'
      ? 'Its own secret, as OpenRouter showed it once. The key then counts as one that you added.'
      : 'The new secret of the same entry, for instance after a rotation. Its usage here stays.';
  return (
    <Form
      action={`/keys/${id}/replace`}
      submit="Store"
      problems={problems}
      label={`Secret of ${name}`}
      aside={<Cancel />}
    >
      <SecretField hint={hint} problems={problems} autofocus />
    </Form>
  );
}

function DeleteForm({ apiKey: { id, name, kind }, state: { problems } }: KeyFormProps) {
  return (
    <Form
      action={`/keys/${id}/delete`}
      submit="Delete"
      buttonClass="danger"
      problems={problems}
      label={`Delete ${name}`}
      aside={<Cancel />}
    >
      <p>
        <strong>Delete "{name}" here?</strong> Its stored secret and all of its usage in this service go, for good. At
        OpenRouter it goes on working.
        {kind === 'discovered' && ' At the next sync its management key will show it again.'}
      </p>
    </Form>
  );
}

function Cancel() {
  return (
    <a role="button" class="secondary" href="/keys" {...LIVE}>
      Cancel
    </a>
  );
}
