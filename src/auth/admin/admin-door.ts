import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../../shared/http/problem.js';
import type { AdminGuard } from './admin.guard.js';

const DECODINGS = 3;
/** Without either of these no way of reading an address leads to /admin. */
const MAY_BE_ADMIN = /%|admin/i;

/**
 * Below /admin, whoever has no credential learns nothing but that one is needed: not which addresses exist, however
 * they are written, and not what is wrong with a body, which nobody looks at yet. `isForAPage`: a page with a guard of
 * its own answers instead.
 */
export function guardAdminAddresses(
  server: FastifyInstance,
  guard: AdminGuard,
  isForAPage: (request: FastifyRequest) => boolean,
): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (!isBelowAdmin(request.url) || isForAPage(request)) return done();
    return admitOrRefuse(guard, request, reply);
  });
}

/** Returns the answer where there is one already. */
async function admitOrRefuse(
  guard: AdminGuard,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  try {
    await guard.admit(request);
    return undefined;
  } catch (error) {
    refuse(reply, error);
    return reply;
  }
}

/** Whether any way of reading the address, careless proxies' included, leads to /admin. */
export function isBelowAdmin(url: string): boolean {
  if (!MAY_BE_ADMIN.test(url)) return false;
  const path = decoded(url.replace(/^\w+:\/\/[^/]*/, '').replace(/[?#].*$/s, ''));
  const segments = path
    .split(/[/\\]+/)
    .map((segment) => segment.replace(/[;?#].*$/s, '').toLowerCase())
    .filter((segment) => segment !== '' && segment !== '.');
  return segments[0] === 'admin' || resolved(segments)[0] === 'admin';
}

function decoded(path: string): string {
  let text = path;
  for (let times = 0; times < DECODINGS; times++) {
    try {
      text = decodeURIComponent(text);
    } catch {
      return text;
    }
  }
  return text;
}

function resolved(segments: string[]): string[] {
  const path: string[] = [];
  for (const segment of segments) {
    if (segment === '..') path.pop();
    else path.push(segment);
  }
  return path;
}
