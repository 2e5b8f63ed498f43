import { Field } from '../forms/field.js';
import { type Fields, textOf } from '../forms/fields.js';
import { Form } from '../forms/form.js';
import type { Problems } from '../forms/problems.js';

/** Makes a token: a name, and until when it works. */
export function NewTokenCard({ fields, problems }: { fields: Fields; problems?: Problems }) {
  return (
    <section class="card">
      <h2>Make a token</h2>
      <Form action="/tokens" submit="Make the token" problems={problems}>
        <div class="fields top">
          <Field
            name="name"
            label="Name"
            hint="What you will recognise it by, such as “grafana”."
            required
            maxLength={100}
            autocomplete="off"
            value={textOf(fields, 'name')}
            problems={problems}
          />
          <Field
            name="expires_at"
            label="Expires on"
            hint="Optional. At 00:00 UTC of that day."
            type="date"
            value={textOf(fields, 'expires_at')}
            problems={problems}
          />
        </div>
      </Form>
    </section>
  );
}
