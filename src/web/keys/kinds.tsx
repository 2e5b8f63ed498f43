import { Icon } from '../parts/icon.js';

/** What the kinds of keys are, and which of them wants care. */
export function Kinds() {
  return (
    <section class="card" aria-labelledby="kinds-title">
      <h2 id="kinds-title">Kinds of keys</h2>
      <dl class="terms">
        <dt>
          <span class="badge">Standard</span>
        </dt>
        <dd>Calls models. It tells its own spend as a running total, from which each day is reckoned.</dd>
        <dt>
          <span class="badge calm">Management</span>
        </dt>
        <dd>
          Calls no models, but sees its whole account: all keys, models, tokens and the balance.
          <p class="callout warn">
            <Icon name="alert-triangle" />
            <span>
              At OpenRouter a management key can make, change and delete keys. This service only reads with it. Keep it
              to servers that you trust.
            </span>
          </p>
        </dd>
        <dt>
          <span class="badge">Found</span>
        </dt>
        <dd>Shown by a management key. Its spend is known, its secret is not. It does not count towards your limit.</dd>
      </dl>
    </section>
  );
}
