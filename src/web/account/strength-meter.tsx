import { strengthOf } from './strength.js';

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
