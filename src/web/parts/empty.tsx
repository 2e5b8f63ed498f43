import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.js';

/** In place of a list that has nothing in it: says so, and what to do first. */
export function Empty({ icon, title, children }: { icon: IconName; title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}
