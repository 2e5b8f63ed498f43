import { ProxyRefusal } from '../refusals/proxy-refusal.js';

const PLAIN = /^(?:\/[\w~-]+)+$/;
const URL_CHARACTERS = /^[\x21-\x7e]*$/;
const QUERY_CHARACTERS = /^[\x21-\xff]*$/;
const DOT_SEGMENT = /^\.{1,2}(?:;|$)/;
const MOST_ENCODINGS = 4;

/** Where below an upstream's base a request goes: the path as it was sent, and the query string with its `?`. */
export interface TargetPath {
  path: string;
  query: string;
}

/**
 * What comes after `{prefix}/v1` in a request target. Throws a 404 for another address and a 400 for a path that could
 * leave the upstream's base however often somebody on the way decodes it.
 */
export function targetPath(prefix: string, target: string): TargetPath {
  const mark = target.indexOf('?');
  const address = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark);
  if (!address.startsWith(`${prefix}/v1/`)) throw notFound();
  const path = address.slice(prefix.length + '/v1'.length);
  if (!PLAIN.test(path) && !staysInside(path)) throw unsafe();
  if (query.includes('#') || !QUERY_CHARACTERS.test(query)) throw unsafe();
  return { path, query };
}

function staysInside(path: string): boolean {
  if (!URL_CHARACTERS.test(path) || path.includes('#')) return false;
  let text = path;
  for (let round = 0; ; round++) {
    if (!isCleanPath(text)) return false;
    const decoded = decode(text);
    if (decoded === null) return round > 0;
    if (decoded === text) return true;
    if (round === MOST_ENCODINGS) return false;
    text = decoded;
  }
}

function isCleanPath(path: string): boolean {
  if (/[\\\p{Cc}]/u.test(path)) return false;
  const [, ...segments] = path.split('/');
  return segments.every((segment, index) => {
    const isLast = index === segments.length - 1;
    return !DOT_SEGMENT.test(segment) && (segment !== '' || (isLast && index > 0));
  });
}

/** Null where the text is no percent-encoding; after the first round that only means a literal percent sign. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function notFound(): ProxyRefusal {
  return new ProxyRefusal(404, 'not_found', 'There is nothing at this address. Send requests to /v1/ below the proxy.');
}

function unsafe(): ProxyRefusal {
  return new ProxyRefusal(400, 'invalid_path', 'The path or the query of this request cannot be sent on. Correct it.');
}
