/** What the next page may tell of what was just done. A cookie carries the name alone, so that nobody can put words there. */
export const NOTICES = {
  registered: 'Your account is ready. Add your first OpenRouter key to begin.',
  logged_out: 'You are logged out.',
  key_added: 'The key is stored, encrypted, and will be synced within the hour.',
  key_added_management:
    'The management key is stored, encrypted. The keys of its account appear after the next sync, within the hour.',
  key_unverified: 'The key is stored. OpenRouter could not be asked about it yet and will be asked again.',
  key_renamed: 'The key has its new name.',
  key_paused: 'The key is paused: it is neither checked nor synced.',
  key_resumed: 'The key is switched on again.',
  key_replaced: 'The key has its new secret.',
  key_deleted: 'The key and its usage are deleted here. At OpenRouter it goes on working.',
  all_read: 'Everything is marked as read.',
  password_changed: 'The password is changed. All other sessions are logged out.',
  logged_out_everywhere: 'You are logged out everywhere.',
  account_deleted: 'Your account and everything in it are deleted. Goodbye.',
  upstream_added: 'The upstream is there. Client keys may be granted it now.',
  upstream_changed: 'The upstream is changed. Requests that come from now on see it.',
  upstream_default: 'Requests that name no upstream go there from now on.',
  upstream_paused: 'The upstream is paused: it answers 503 until you resume it.',
  upstream_resumed: 'The upstream is on again.',
  upstream_deleted: 'The upstream is deleted.',
  client_key_changed: 'The client key is changed. Its next request sees it.',
  client_key_revoked: 'The client key is revoked: it opens nothing any more.',
  job_started: 'The job runs. What came of it will stand here.',
  token_revoked: 'The token is revoked: nothing can use it any more.',
  key_unreachable: 'OpenRouter could not be reached, so the last known status stays.',
  key_checked: 'OpenRouter was asked. The status is fresh.',
} as const;

export type Notice = keyof typeof NOTICES;

export function isNotice(name: unknown): name is Notice {
  return typeof name === 'string' && Object.hasOwn(NOTICES, name);
}
