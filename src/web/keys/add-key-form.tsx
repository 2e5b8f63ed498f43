import { LIVE } from '../forms/form.js';
import { Field } from '../forms/field.js';
import { textOf } from '../forms/fields.js';
import { Form } from '../forms/form.js';
import type { ListingState } from './key-listing.js';

/** The form for a new key. */
export function AddKeyForm({ state: { fields, problems } }: { state: ListingState }) {
  const cancel = (
    <a role="button" class="secondary" href="/keys" {...LIVE}>
      Cancel
    </a>
  );
  return (
    <section class="card" aria-labelledby="add-title">
      <h2 id="add-title">Add a key</h2>
      <Form action="/keys" submit="Add the key" problems={problems} aside={cancel}>
        <div class="fields">
          <Field
            name="name"
            label="Name"
            hint="One that you will recognise, for instance what uses it."
            required
            maxLength={100}
            autocomplete="off"
            autofocus
            value={textOf(fields, 'name')}
            problems={problems}
          />
          <SecretField
            hint="As OpenRouter showed it. It is checked now, stored encrypted, and never shown again."
            problems={problems}
          />
        </div>
      </Form>
    </section>
  );
}

type SecretFieldProps = { hint: string; problems: ListingState['problems']; scope?: string; autofocus?: boolean };

/** Where an OpenRouter key is pasted; hidden like a password, and never filled in by the server. */
export function SecretField({ hint, problems, scope, autofocus }: SecretFieldProps) {
  return (
    <Field
      name="key"
      label="OpenRouter key"
      type="password"
      placeholder="sk-or-v1-…"
      hint={hint}
      required
      autocomplete="off"
      autofocus={autofocus}
      problems={problems}
      scope={scope}
    />
  );
}
