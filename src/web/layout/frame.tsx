import type { ComponentChildren } from 'preact';
import type { Section } from '../answers/view.js';
import { Brand } from './brand.js';
import { Navigation } from './navigation.js';
import { useScene } from './scene.js';
import { ThemeSwitch } from './theme-switch.js';

/** What stands around the middle of a page: for people who are logged in the navigation, for others the name alone. */
export function Frame({ section, children }: { section?: Section; children: ComponentChildren }) {
  const { principal } = useScene();
  if (principal && section) {
    return (
      <div class="frame">
        <Navigation section={section} principal={principal} />
        <div class="stage">{children}</div>
      </div>
    );
  }
  return (
    <div class="frame-alone">
      <header class="alone-header">
        <Brand />
        <ThemeSwitch />
      </header>
      {children}
    </div>
  );
}
