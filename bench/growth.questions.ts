// What `growth` asks about the first person, who has as many rows whatever others have stored, and about the whole log.
import { bearer, cookie, type Headers } from './service.asking.ts';
import { ADMIN_TOKEN } from './service.process.ts';
import { dayAgo, YEAR } from './usage.data.ts';

/** `token`: for the public API; `jwt`: of a session. */
export function questions(token: string, jwt: string): [name: string, path: string, headers: Headers][] {
  const [person, api, admin] = [bearer(jwt), bearer(token), bearer(ADMIN_TOKEN)];
  return [
    ['dashboard page, 30 days', '/dashboard', cookie(jwt)],
    ['dashboard page, 365 days', '/dashboard?days=365', cookie(jwt)],
    ['dashboard, 30 days', '/api/stats/dashboard', person],
    ['dashboard, 365 days', '/api/stats/dashboard?days=365', person],
    ['stats page, 30 days', '/stats', cookie(jwt)],
    ['stats page, last of 365 days', '/stats?days=365&page=4380', cookie(jwt)],
    ['stats page, dearest of 365 days', '/stats?days=365&sort=cost', cookie(jwt)],
    ['keys page', '/keys', cookie(jwt)],
    ['rows, first page', `/api/usage?${YEAR}`, person],
    ['rows, middle page', `/api/usage?${YEAR}&skip=109500`, person],
    ['rows, last page', `/api/usage?${YEAR}&skip=218900`, person],
    ['rows of a key and model', `/api/usage?${YEAR}&api_key_id=7&model=provider-1/model-7`, person],
    ['stats, 30 days', '/api/v1/stats', api],
    ['stats, 365 days', `/api/v1/stats?${YEAR}`, api],
    ['usage, first page', `/api/v1/usage?${YEAR}`, api],
    ['usage, middle page', `/api/v1/usage?${YEAR}&page=55`, api],
    ['usage, last page', `/api/v1/usage?${YEAR}&page=109`, api],
    ['keys', '/api/v1/keys', api],
    ['log, first page', '/admin/logs', admin],
    ['log, page 100', '/admin/logs?page=100', admin],
    ['log of a key', '/admin/logs?api_key_id=7', admin],
    ['log of an upstream', '/admin/logs?upstream_id=3', admin],
    ['log, failures', '/admin/logs?status_code=502', admin],
    ['log of a model', '/admin/logs?model=provider/model-7', admin],
    ['log of a day', `/admin/logs?start_time=${dayAgo(10)}T00:00:00Z&end_time=${dayAgo(9)}T00:00:00Z`, admin],
  ];
}
