import type { ApiKey } from '../../api-keys/api-key.entity.js';
import type { ApiKeyStatus } from '../../api-keys/key-status.js';
import { Icon, type IconName } from './icon.js';

interface Face {
  label: string;
  tone: 'good' | 'warn' | 'bad' | 'calm' | '';
  icon: IconName;
}

const FACES: Record<ApiKeyStatus, Face> = {
  valid: { label: 'Valid', tone: 'good', icon: 'circle-check' },
  unverified: { label: 'Unverified', tone: 'calm', icon: 'help-circle' },
  expiring: { label: 'Expires soon', tone: 'warn', icon: 'hourglass' },
  limit_reached: { label: 'Limit reached', tone: 'warn', icon: 'ban' },
  blocked: { label: 'Blocked', tone: 'warn', icon: 'shield' },
  expired: { label: 'Expired', tone: 'bad', icon: 'hourglass' },
  disabled: { label: 'Disabled', tone: 'bad', icon: 'ban' },
  deleted: { label: 'Deleted', tone: 'bad', icon: 'trash' },
  rejected: { label: 'Rejected', tone: 'bad', icon: 'x' },
};

const PAUSED: Face = { label: 'Paused', tone: '', icon: 'player-pause' };

/** What a key's status is, in a word and a colour; a paused one is paused before everything else but death. */
export function StatusBadge({ apiKey }: { apiKey: ApiKey }) {
  const { label, tone, icon } = !apiKey.isSwitchedOn && !apiKey.isDead ? PAUSED : FACES[apiKey.status];
  return (
    <span class={`badge ${tone}`.trim()}>
      <Icon name={icon} />
      {label}
    </span>
  );
}
