import type { News, NotificationKind } from '../../shared/news.js';
import { addDays, dayOf, type Day, minuteOf } from '../../shared/time/period.js';
import type { ApiKey } from '../api-key.entity.js';
import { type ApiKeyStatus, DEAD, type LimitReset } from '../key-status.js';

type Item = Pick<News, 'kind' | 'message' | 'occasion'>;

const DAY_MS = 86_400_000;
/** How many days before a key expires its owner hears of it. */
const WARNINGS = [1, 3, 7];

/**
 * What the owner should hear about a key that has just been judged; `before` is its status until then. Each occasion is
 * told once (the Notifier sees to it): a death, a limit spent in its window, an outage, a warning; a block once a day.
 */
export function newsAbout(key: ApiKey, before: ApiKeyStatus, now: Date): News[] {
  if (!key.isSwitchedOn) return [];
  const items = key.isDead
    ? [death(key, before, now)]
    : [block(key, before, now), limit(key, before, now), expiry(key, now), silence(key, now)];
  return items
    .filter((item) => item !== undefined)
    .map((item) => ({ ...item, userId: key.userId, apiKeyId: key.id, occasion: `key:${key.id}:${item.occasion}` }));
}

function death(key: ApiKey, before: ApiKeyStatus, now: Date): Item | undefined {
  // A management key shows keys that died long before anybody kept them here.
  const isNews = !DEAD.includes(before) && !(key.kind === 'discovered' && before === 'unverified');
  if (!isNews) return undefined;
  const kind: NotificationKind = key.status === 'expired' ? 'key_expired' : 'key_invalid';
  return { kind, message: about(key, key.statusDetail ?? ''), occasion: `${key.status}:${now.toISOString()}` };
}

function block(key: ApiKey, before: ApiKeyStatus, now: Date): Item | undefined {
  if (key.status !== 'blocked' || before === 'blocked') return undefined;
  const message = about(key, 'OpenRouter does not let this server ask about it. Allow its address there.');
  return { kind: 'key_blocked', message, occasion: `blocked:${dayOf(now)}` };
}

function limit(key: ApiKey, before: ApiKeyStatus, now: Date): Item | undefined {
  const isFresh = key.lastValidatedAt?.getTime() === now.getTime();
  if (key.status !== 'limit_reached' || !isFresh) return undefined;
  const hasWindow = key.limitReset !== null && key.limitRemaining !== null && key.limitRemaining <= 0n;
  if (!hasWindow && before === 'limit_reached') return undefined;
  const window = hasWindow ? windowOf(key.limitReset!, dayOf(now)) : `once:${dayOf(now)}`;
  return { kind: 'key_limit_reached', message: about(key, key.statusDetail ?? ''), occasion: `limit:${window}` };
}

function expiry(key: ApiKey, now: Date): Item | undefined {
  const left = key.expiresAt ? key.expiresAt.getTime() - now.getTime() : 0;
  const days = WARNINGS.find((warning) => left > 0 && left <= warning * DAY_MS);
  if (!key.expiresAt || !days) return undefined;
  const message = about(key, `It expires on ${minuteOf(key.expiresAt)}. Make a new key at OpenRouter in time.`);
  return { kind: 'key_expiring', message, occasion: `expires:${key.expiresAt.toISOString()}:${days}` };
}

function silence(key: ApiKey, now: Date): Item | undefined {
  const since = key.unreachableSince;
  if (!since || now.getTime() - since.getTime() < DAY_MS) return undefined;
  const message = about(key, `It could not be checked at OpenRouter since ${minuteOf(since)}.`);
  return { kind: 'key_unreachable', message, occasion: `unreachable:${since.toISOString()}` };
}

function about(key: ApiKey, sentence: string): string {
  return `Your key "${key.name}": ${sentence}`;
}

/** Names the window by its first day. */
function windowOf(reset: LimitReset, today: Day): string {
  if (reset === 'daily') return today;
  if (reset === 'monthly') return `${today.slice(0, 7)}-01`;
  const daysSinceMonday = (new Date(today).getUTCDay() + 6) % 7;
  return addDays(today, -daysSinceMonday);
}
