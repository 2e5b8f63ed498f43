import { strengthOf } from './strength.js';

/** Has a password weighed while it is typed; if that is refused, the meter stays as it is. */
export const WEIGHED = {
  'hx-post': '/register/strength',
  'hx-trigger': 'input delay:250ms',
  'hx-include': 'closest form',
  'hx-target': '#strength',
  'hx-select': '#strength',
  'hx-swap': 'outerHTML',
  'hx-sync': 'this:replace',
  'hx-validate': 'false',
  'hx-status:4xx': 'swap:none',
  'hx-status:5xx': 'swap:none',
} as const;

/** Shows beneath a new password how strong it is; empty while nothing is typed. */
export function StrengthMeter({ password, email }: { password: string; email: string }) {
  const { score, verdict } = strengthOf(password, email);
  return (
    <div id="strength" class="strength" role="status">
      {password !== '' && (
        <>
          <meter
            class={`strength-${score}`}
            min={0}
            max={4}
            low={2}
            high={3}
            optimum={4}
            value={score}
            aria-hidden="true"
          />
          <span>{verdict}</span>
        </>
      )}
    </div>
  );
}
