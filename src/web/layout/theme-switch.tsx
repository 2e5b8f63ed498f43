import { FormTokenField } from '../forms/form.js';
import { Icon, type IconName } from '../parts/icon.js';
import { useScene } from './scene.js';
import { type Theme, THEMES } from './theme.js';

const FACES: Record<Theme, { label: string; icon: IconName }> = {
  system: { label: 'As the system', icon: 'device-desktop' },
  light: { label: 'Light', icon: 'sun' },
  dark: { label: 'Dark', icon: 'moon' },
};

/** Light, dark, or as the system is; works without a script. */
export function ThemeSwitch() {
  const { theme: current, path } = useScene();
  return (
    <form method="post" action="/theme" class="theme-switch" aria-label="Colours">
      <FormTokenField />
      <input type="hidden" name="next" value={path} />
      {THEMES.map((theme) => (
        <button
          key={theme}
          type="submit"
          name="theme"
          value={theme}
          class="icon-button"
          aria-pressed={theme === current}
          aria-label={FACES[theme].label}
          title={FACES[theme].label}
        >
          <Icon name={FACES[theme].icon} />
        </button>
      ))}
    </form>
  );
}
