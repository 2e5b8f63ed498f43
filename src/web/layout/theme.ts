export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const THEME_COOKIE = 'theme';

/** What the person has chosen; `system` without a choice. */
export function themeOf(cookies: Record<string, string | undefined>): Theme {
  return THEMES.find((theme) => theme === cookies[THEME_COOKIE]) ?? 'system';
}
