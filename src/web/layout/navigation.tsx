import type { Principal } from '../../shared/principal.js';
import type { Section } from '../answers/view.js';
import { Icon, type IconName } from '../parts/icon.js';
import { FormTokenField } from '../forms/form.js';
import { Bell } from './bell.js';
import { Brand } from './brand.js';
import { ThemeSwitch } from './theme-switch.js';

interface Place {
  section: Section;
  path: string;
  label: string;
  icon: IconName;
  isForAdmins?: true;
}

/** Every place that the navigation leads to, in its order. */
const PLACES: readonly Place[] = [
  { section: 'dashboard', path: '/dashboard', label: 'Dashboard', icon: 'layout-dashboard' },
  { section: 'keys', path: '/keys', label: 'Keys', icon: 'key' },
  { section: 'stats', path: '/stats', label: 'Statistics', icon: 'chart-bar' },
  { section: 'tokens', path: '/tokens', label: 'API tokens', icon: 'api' },
  { section: 'profile', path: '/profile', label: 'Profile', icon: 'user' },
  { section: 'admin', path: '/admin', label: 'Gateway', icon: 'server-2', isForAdmins: true },
];

export function Navigation({ section, principal }: { section: Section; principal: Principal }) {
  const places = PLACES.filter(({ isForAdmins }) => !isForAdmins || principal.role === 'admin');
  return (
    <header class="sidebar">
      <div class="sidebar-top">
        <Brand />
        <Bell isCurrent={section === 'notifications'} />
      </div>
      <details class="menu">
        <summary aria-label="Menu">
          <Icon name="menu-2" />
        </summary>
        <div class="menu-content">
          <nav aria-label="Pages">
            <ul>
              {places.map((place) => (
                <li key={place.section}>
                  <a href={place.path} aria-current={place.section === section ? 'page' : undefined}>
                    <Icon name={place.icon} />
                    {place.label}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <Account principal={principal} />
        </div>
      </details>
    </header>
  );
}

function Account({ principal }: { principal: Principal }) {
  return (
    <div class="account">
      <p class="account-name" title={principal.email}>
        {principal.email}
      </p>
      <div class="account-actions">
        <ThemeSwitch />
        <form method="post" action="/logout">
          <FormTokenField />
          <button type="submit" class="icon-button" aria-label="Log out" title="Log out">
            <Icon name="logout" />
          </button>
        </form>
      </div>
    </div>
  );
}
