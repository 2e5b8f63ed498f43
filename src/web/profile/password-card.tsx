import type { Principal } from '../../shared/principal.js';
import { StrengthMeter, WEIGHED } from '../account/strength-meter.js';
import { Field } from '../forms/field.js';
import { Form } from '../forms/form.js';
import type { Problems } from '../forms/problems.js';

export const PASSWORD_FIELDS = ['current_password', 'new_password', 'password_again'] as const;

/** Another password in place of the current one. */
export function PasswordCard({ person, problems }: { person: Principal; problems?: Problems }) {
  return (
    <section class="card">
      <h2>Change the password</h2>
      <Form action="/profile/password" submit="Change the password" problems={problems}>
        <input type="email" name="email" value={person.email} autocomplete="username" readOnly hidden />
        <Field
          name="current_password"
          label="Current password"
          type="password"
          autocomplete="current-password"
          required
          problems={problems}
        />
        <Field
          name="new_password"
          label="New password"
          type="password"
          autocomplete="new-password"
          required
          minLength={8}
          hint="8 characters or more; 15 or more is wise. All other sessions are logged out."
          problems={problems}
          {...WEIGHED}
        >
          <StrengthMeter password="" email="" />
        </Field>
        <Field
          name="password_again"
          label="The same password again"
          type="password"
          autocomplete="new-password"
          required
          problems={problems}
        />
      </Form>
    </section>
  );
}
