import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { Ago } from '../parts/time.js';
import { Icon } from '../parts/icon.js';
import { StatusBadge } from '../parts/status-badge.js';

const DAY_MS = 86_400_000;

/** Keys that somebody should look at: they do not work, will stop soon, or could not be checked for a day. */
export function keysInNeed(keys: readonly ApiKey[], now: Date): ApiKey[] {
  return keys.filter(({ isSwitchedOn, status, unreachableSince }) => {
    if (!isSwitchedOn) return false;
    const isLost = unreachableSince !== null && now.getTime() - unreachableSince.getTime() >= DAY_MS;
    return isLost || (status !== 'valid' && status !== 'unverified');
  });
}

export function Attention({ keys }: { keys: ApiKey[] }) {
  return (
    <section class="card" aria-labelledby="attention-title">
      <h2 id="attention-title">Keys that need attention</h2>
      {keys.length === 0 && (
        <p class="all-well">
          <Icon name="circle-check" /> All keys work.
        </p>
      )}
      <ul class="plain-list">
        {keys.map((key) => (
          <li key={key.id}>
            <div class="spread">
              <a href={`/keys#key-${key.id}`}>{key.name}</a>
              <StatusBadge apiKey={key} />
            </div>
            <p class="hint">
              {key.statusDetail ?? 'It could not be checked.'}
              {key.unreachableSince && (
                <>
                  {' '}
                  Not reachable since <Ago at={key.unreachableSince} />.
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
