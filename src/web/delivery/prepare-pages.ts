import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Config } from '../../shared/config.js';
import { serveAssets } from './assets.js';
import { compress, encodingFor, LEAST_BYTES } from './compression.js';
import { isPageAddress } from './page-address.js';

const QUICK_QUALITY = 4;
/** Fields that a form of ours could have. */
const MOST_FIELDS = 100;

/** What the pages need of the server: cookies, forms, their files, and answers that are compressed and not kept. */
export async function preparePages(server: FastifyInstance, config: Config): Promise<void> {
  // Cookies of people who come by https never travel without it, whatever a proxy in between speaks.
  await server.register(cookie, { parseOptions: { secure: config.publicUrl.startsWith('https:') } });
  readForms(server);
  serveAssets(server);
  server.addHook('onSend', (request, reply, payload, done) => {
    if (!isPageAddress(request.url)) return done();
    if (!reply.hasHeader('Cache-Control')) reply.header('Cache-Control', 'no-store');
    if (typeof payload !== 'string' || !isHtml(reply)) return done();
    // The default, no-referrer, would make browsers send forms with "Origin: null".
    reply.header('Referrer-Policy', 'same-origin');
    reply.header('Vary', 'Accept-Encoding');
    const encoding = encodingFor(request.headers['accept-encoding']);
    if (!encoding || payload.length < LEAST_BYTES) return done();
    reply.header('Content-Encoding', encoding);
    return compress(Buffer.from(payload), encoding, QUICK_QUALITY);
  });
}

/** Forms are read for pages only: the API goes on refusing them, as any site could make a browser send one. */
function readForms(server: FastifyInstance): void {
  server.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (request, body, done) => {
      if (!isPageAddress(request.url)) return done(new NotForForms());
      const pairs = [...new URLSearchParams(body)];
      if (pairs.length > MOST_FIELDS) return done(new TooManyFields());
      const fields = new Map<string, string | string[]>();
      for (const [name, value] of pairs) fields.set(name, joined(fields.get(name), value));
      done(null, Object.fromEntries(fields));
    },
  );
}

/** A field that comes more than once, as those of checkboxes do, is a list. */
function joined(before: string | string[] | undefined, value: string): string | string[] {
  return before === undefined ? value : [before, value].flat();
}

class NotForForms extends Error {
  readonly statusCode = 415;
}

class TooManyFields extends Error {
  readonly statusCode = 400;
}

function isHtml(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type') ?? '').startsWith('text/html');
}
