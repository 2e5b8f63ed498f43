/** Addresses that programs call; every other one may be a page that a person opens. `/admin` itself is the console. */
const FOR_PROGRAMS = /^\/(api|docs|docs-json|openapi\.json|health|ready|metrics|assets)(\/|$)|^\/admin\//i;

/** Whether an address, as it stands in a request, belongs to the pages rather than to the API. */
export function isPageAddress(url: string): boolean {
  return !FOR_PROGRAMS.test(url.replace(/[?#].*$/s, ''));
}

/** Whether whoever asked is better served by a page than by JSON: browsers say so, programs do not. */
export function wantsPage({ url, headers }: { url: string; headers: { accept?: string } }): boolean {
  return isPageAddress(url) && (headers.accept ?? '').includes('text/html');
}

interface Asking {
  method: string;
  url: string;
  headers: { accept?: string; authorization?: string };
}

/** Whether somebody opens the console in a browser; everything else below /admin is for programs. */
export function isForConsole(request: Asking): boolean {
  const { method, url, headers } = request;
  return method === 'GET' && /^\/admin(?=\?|$)/.test(url) && !headers.authorization && wantsPage(request);
}
