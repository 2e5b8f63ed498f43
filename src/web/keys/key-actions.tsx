import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { FormTokenField, LIVE, LIVE_FORM } from '../forms/form.js';
import { Icon, type IconName } from '../parts/icon.js';

/** What can be done with a key, behind one button. */
export function KeyActions({ apiKey }: { apiKey: ApiKey }) {
  const { id, name, isSwitchedOn, sealedSecret } = apiKey;
  const hasSecret = sealedSecret !== null;
  return (
    <details class="pop menu-pop">
      <summary aria-label={`Actions for ${name}`}>
        <Icon name="dots-vertical" />
      </summary>
      <ul class="pop-content">
        {hasSecret && <Deed path={`/keys/${id}/check`} icon="refresh" label="Check now" />}
        <Way href={`/keys?rename=${id}#key-${id}`} icon="pencil" label="Rename" />
        {isSwitchedOn ? (
          <Deed path={`/keys/${id}/pause`} icon="player-pause" label="Pause" />
        ) : (
          <Deed path={`/keys/${id}/resume`} icon="player-play" label="Switch on" />
        )}
        <Way
          href={`/keys?replace=${id}#key-${id}`}
          icon="replace"
          label={hasSecret ? 'Replace secret' : 'Enter its secret'}
        />
        <Way href={`/keys?delete=${id}#key-${id}`} icon="trash" label="Delete" />
      </ul>
    </details>
  );
}

/** Does something at once. */
function Deed({ path, icon, label }: { path: string; icon: IconName; label: string }) {
  return (
    <li>
      <form method="post" action={path} {...LIVE_FORM}>
        <FormTokenField />
        <button type="submit" class="menu-item">
          <Icon name={icon} />
          {label}
          <span class="spinner" aria-hidden="true" />
        </button>
      </form>
    </li>
  );
}

/** Opens a form in place. */
function Way({ href, icon, label }: { href: string; icon: IconName; label: string }) {
  return (
    <li>
      <a href={href} class="menu-item" {...LIVE}>
        <Icon name={icon} />
        {label}
      </a>
    </li>
  );
}
