import type { FastifyRequest } from 'fastify';

/**
 * Whether a request that changes something comes from a page of this very site, as far as its sender tells. Browsers
 * always tell; a program that tells nothing has no cookies that another site could make use of.
 */
export function isSameOrigin({ headers }: Pick<FastifyRequest, 'headers'>, publicUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (headers.origin === undefined) return true;
  const origin = URL.parse(headers.origin);
  // A proxy in between may have changed the host, but people come by the public address.
  return origin !== null && (origin.host === headers.host || origin.origin === new URL(publicUrl).origin);
}
