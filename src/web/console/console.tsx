import type { ComponentChildren } from 'preact';
import { LIVE } from '../forms/form.js';
import { Icon, type IconName } from '../parts/icon.js';
import { PageHead } from '../parts/page-head.js';

export type ConsoleTab = 'upstreams' | 'keys' | 'logs' | 'jobs';

const TABS: readonly { tab: ConsoleTab; path: string; label: string; icon: IconName }[] = [
  { tab: 'upstreams', path: '/admin', label: 'Upstreams', icon: 'server-2' },
  { tab: 'keys', path: '/console/keys', label: 'Client keys', icon: 'key' },
  { tab: 'logs', path: '/console/logs', label: 'Requests', icon: 'list' },
  { tab: 'jobs', path: '/console/jobs', label: 'Jobs', icon: 'clock' },
];

interface ConsoleProps {
  tab: ConsoleTab;
  /** What can be done, beside the title. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/** What every page of the console has: its title and the way to the others. */
export function Console({ tab, actions, children }: ConsoleProps) {
  return (
    <>
      <PageHead title="Gateway console" lead="Who may call what, what was called, and what runs in the background.">
        {actions}
      </PageHead>
      <nav class="tabs" aria-label="Console">
        <ul>
          {TABS.map((place) => (
            <li key={place.tab}>
              <a href={place.path} aria-current={place.tab === tab ? 'page' : undefined} {...LIVE}>
                <Icon name={place.icon} />
                {place.label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </>
  );
}
