import type { FastifyInstance, FastifyRequest } from 'fastify';
import { problem, sendProblem } from './problem.js';

const ONCE_ONLY = new Set(['host', 'authorization', 'content-length', 'content-type', 'x-api-key']);
const DEEPEST_JSON = 32;
/** Letters, digits and the like, which mean the same with and without their percent sign. */
const NEEDLESSLY_ENCODED = /%(2[de]|3\d|[46][1-9a-f]|[57][0-9a]|5f|7e)/gi;

/** Refuses what honest clients do not send: a header twice that may stand once, or no word of the host they mean. */
export function refuseAmbiguousRequests(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    const ambiguity = ambiguityOf(request);
    if (!ambiguity) return done();
    reply.header('Connection', 'close');
    sendProblem(reply, problem(400, 'ambiguous_request', ambiguity));
  });
  // Node would answer this itself, with a bare 417. Nobody has to expect anything of a server, so it may be ignored.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response));
}

/** Bodies are JSON and nothing else; what is no JSON is a 400, another type or a compressed body a 415. */
export function readOnlyJson(server: FastifyInstance): void {
  server.addHook('preParsing', (request, _reply, _body, done) => {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase() || 'identity';
    done(encoding === 'identity' ? null : new Encoded());
  });
  server.removeAllContentTypeParsers();
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (isTooDeep(body)) return done(new NotReadable(`JSON may be nested ${DEEPEST_JSON} levels deep at most.`));
    if (body === '') return done(null, undefined);
    return parse(request, body, done);
  });
}

/**
 * Every address in one spelling, so that whoever looks at it sees what the router sees: `/%61pi` is `/api`. One that cannot
 * be decoded is taken by the letter and leads where any unknown one does: through the same doors, to a 404.
 */
export function readableAddress({ url = '/' }: { url?: string }): string {
  if (!url.includes('%')) return url;
  const [path = '', ...query] = url.split('?');
  try {
    decodeURIComponent(path);
    return [path.replaceAll(NEEDLESSLY_ENCODED, decodeURIComponent), ...query].join('?');
  } catch {
    return [path.replaceAll('%', '%25'), ...query].join('?');
  }
}

class NotReadable extends Error {
  readonly statusCode = 400;
}

class Encoded extends Error {
  readonly statusCode = 415;
}

function ambiguityOf(request: FastifyRequest): string | undefined {
  const twice = sentTwice(request);
  if (twice) return `The header ${twice} may be sent only once.`;
  const isHostless = request.raw.httpVersion === '1.1' && request.headers.host === undefined;
  return isHostless ? 'The header host is missing.' : undefined;
}

function sentTwice({ raw: { rawHeaders } }: FastifyRequest): string | undefined {
  const sent = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    if (!ONCE_ONLY.has(name)) continue;
    if (sent.has(name)) return name;
    sent.add(name);
  }
  return undefined;
}

/** Counts brackets outside strings, so that nothing recursive ever sees a deep document. */
function isTooDeep(json: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < json.length; index++) {
    const character = json[index];
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      if (++depth > DEEPEST_JSON) return true;
    } else if (character === '}' || character === ']') depth--;
  }
  return false;
}
