import type { IncomingMessage } from 'node:http';
import { isHopByHop, namesInConnection } from '../forwarding/hop-headers.js';
import { ambiguous, ProxyRefusal } from '../refusals/proxy-refusal.js';

const ONCE_ONLY = new Set(['host', 'authorization', 'x-api-key', 'content-length', 'content-type', 'x-upstream-name']);

/** What concerns the client and the gateway only. */
const KEPT_BACK = new Set([
  'host',
  'content-length',
  'expect',
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'x-upstream-name',
  'cookie',
  'cookie2',
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
]);

/** A client's headers, sorted into what goes on and what stays here. */
export interface RequestHeaders {
  /** Names and values in turn, as they were sent. */
  forwarded: string[];
  /** The secret that the client presents; null if it presents none. */
  secret: string | null;
  upstreamName: string | null;
}

/** Throws a ProxyRefusal for a header that stands there twice and may not, and for two different secrets. */
export function readHeaders(req: IncomingMessage): RequestHeaders {
  const { rawHeaders, headers } = req;
  const aboutConnection = namesInConnection(headers.connection);
  const seen = new Set<string>();
  const forwarded: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    if (ONCE_ONLY.has(name)) {
      if (seen.has(name)) throw ambiguous(`The header ${name} may be sent only once.`);
      seen.add(name);
    }
    if (KEPT_BACK.has(name) || name.startsWith('x-forwarded-')) continue;
    if (isHopByHop(name) || aboutConnection.has(name)) continue;
    forwarded.push(rawHeaders[at]!, rawHeaders[at + 1]!);
  }
  const upstreamName = headers['x-upstream-name'];
  return { forwarded, secret: secretOf(req), upstreamName: typeof upstreamName === 'string' ? upstreamName : null };
}

/** The upstream's own credential, as one more header. */
export function credentialHeader(provider: string, credential: string): [string, string] {
  return provider === 'anthropic' ? ['x-api-key', credential] : ['authorization', `Bearer ${credential}`];
}

/** Whether a body comes with the request; its length is known beforehand or not. */
export function announcesBody(req: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = req.headers;
  return coding !== undefined || (length !== undefined && length !== '0');
}

function secretOf(req: IncomingMessage): string | null {
  const bearer = bearerOf(req.headers.authorization);
  const apiKey = req.headers['x-api-key'];
  const named = typeof apiKey === 'string' ? apiKey.trim() || null : null;
  if (bearer !== null && named !== null && bearer !== named) {
    throw new ProxyRefusal(400, 'ambiguous_credentials', 'Authorization and x-api-key name different keys. Send one.');
  }
  return bearer ?? named;
}

function bearerOf(authorization: string | undefined): string | null {
  const match = authorization === undefined ? null : /^bearer +(\S+) *$/i.exec(authorization);
  return match ? match[1]! : null;
}
