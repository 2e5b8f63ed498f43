import { Icon } from '../parts/icon.js';

/** The name of the house, which leads to its start. */
export function Brand() {
  return (
    <a class="brand" href="/">
      <span class="brand-mark">
        <Icon name="activity" />
      </span>
      OpenRouter Monitor
    </a>
  );
}
