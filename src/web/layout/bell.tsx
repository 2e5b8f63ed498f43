import { Icon } from '../parts/icon.js';
import { useScene } from './scene.js';

/** Leads to the notifications and tells how many are unread. `isUpdate`: takes the place of the one that is there. */
export function Bell({ isCurrent = false, isUpdate = false }: { isCurrent?: boolean; isUpdate?: boolean }) {
  const { unread } = useScene();
  const shown = unread > 99 ? '99+' : String(unread);
  const label = unread === 0 ? 'Notifications' : `Notifications, ${shown} unread`;
  return (
    <a
      id="bell"
      class="bell"
      href="/notifications"
      aria-label={label}
      title={label}
      aria-current={isCurrent ? 'page' : undefined}
      {...(isUpdate && { 'hx-swap-oob': 'true' })}
    >
      <Icon name="bell" />
      {unread > 0 && <span class="count">{shown}</span>}
    </a>
  );
}
