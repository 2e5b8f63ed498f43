import { Field } from '../forms/field.js';
import { Form } from '../forms/form.js';
import type { Problems } from '../forms/problems.js';
import { count, money } from '../parts/figures.js';
import type { Losses } from './belongings.js';

/** Says what goes with an account before it goes. */
export function DeletionCard({ losses, problems }: { losses: Losses; problems?: Problems }) {
  return (
    <section class="card">
      <h2>Delete the account</h2>
      <p>This cannot be undone. With your account go:</p>
      <ul>
        <li>{some(losses.keys, 'OpenRouter key')}, stored here encrypted; at OpenRouter they go on working</li>
        <li>
          the usage of {some(losses.requests, 'request')} worth {money(losses.spent)}
        </li>
        <li>{some(losses.tokens, 'API token')}: programs that use them are refused</li>
        <li>{some(losses.notifications, 'notification')}</li>
      </ul>
      <Form action="/profile/delete" submit="Delete my account" buttonClass="danger" problems={problems}>
        <Field
          name="password"
          label="Your password, to be sure"
          type="password"
          autocomplete="current-password"
          required
          problems={problems}
        />
      </Form>
    </section>
  );
}

function some(amount: number, thing: string): string {
  return `${amount === 0 ? 'no' : count(amount)} ${thing}${amount === 1 ? '' : 's'}`;
}
