import { assetPath } from '../delivery/assets.js';

/** The drawings in assets/icons.svg. */
export type IconName =
  | 'activity'
  | 'alert-triangle'
  | 'api'
  | 'arrow-down-right'
  | 'arrow-up-right'
  | 'arrows-sort'
  | 'ban'
  | 'bell'
  | 'bolt'
  | 'book'
  | 'calendar'
  | 'chart-bar'
  | 'check'
  | 'chevron-down'
  | 'chevron-left'
  | 'chevron-right'
  | 'chevron-up'
  | 'circle-check'
  | 'clock'
  | 'coin'
  | 'copy'
  | 'device-desktop'
  | 'dots-vertical'
  | 'download'
  | 'external-link'
  | 'eye'
  | 'filter'
  | 'help-circle'
  | 'hourglass'
  | 'info-circle'
  | 'key'
  | 'layout-dashboard'
  | 'link'
  | 'list'
  | 'lock'
  | 'logout'
  | 'menu-2'
  | 'minus'
  | 'moon'
  | 'pencil'
  | 'player-pause'
  | 'player-play'
  | 'plus'
  | 'refresh'
  | 'replace'
  | 'search'
  | 'server-2'
  | 'shield'
  | 'stack-2'
  | 'sun'
  | 'terminal-2'
  | 'trash'
  | 'user'
  | 'wallet'
  | 'x';

/** A drawing beside a word that says the same; readers skip it. */
export function Icon({ name, class: className = '' }: { name: IconName; class?: string }) {
  return (
    <svg class={`icon ${className}`.trim()} aria-hidden="true" focusable="false">
      <use href={`${assetPath('icons.svg')}#${name}`} />
    </svg>
  );
}
