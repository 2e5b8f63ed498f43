/** Where log-in and log-out themselves are, to which nobody wants to be sent back. */
const NOWHERE = /^\/(login|logout|register)(?=[/?#]|$)/;

const HERE = 'http://here.invalid';

/** The address on this site that somebody wanted to reach; anything that leads elsewhere is the start page. */
export function nextAddress(wanted: unknown): string {
  if (typeof wanted !== 'string' || !/^\/(?![/\\])/.test(wanted) || /[\p{Cc}\\]/u.test(wanted)) return '/';
  const url = URL.parse(wanted, HERE);
  if (url?.origin !== HERE || NOWHERE.test(url.pathname) || url.pathname.startsWith('//')) return '/';
  return url.pathname + url.search;
}

/** The log-in page that leads back to `wanted` afterwards. */
export function logInAddress(wanted: string): string {
  const next = nextAddress(wanted);
  return next === '/' ? '/login' : `/login?next=${encodeURIComponent(next)}`;
}
