import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

const YEAR_SECONDS = 31_536_000;

/** What tells browsers to be careful with whatever this service answers. */
export function securityHeaders(publicUrl: string): [name: string, value: string][] {
  const answer = new ServerResponse(new IncomingMessage(new Socket()));
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // Swagger UI draws its icons as data: images.
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
      },
    },
    // The same as frame-ancestors, for browsers that do not know it.
    xFrameOptions: { action: 'deny' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: publicUrl.startsWith('https:') ? { maxAge: YEAR_SECONDS, includeSubDomains: true } : false,
  });
  protect(answer.req, answer, () => {});
  return answer.getHeaderNames().map((name) => [name, String(answer.getHeader(name))]);
}

/**
 * Puts them on every answer. They are worked out once: done anew for each request, as Fastify's plugin does it, V8 keeps
 * whole requests until its next full collection, which a flood turns into hundreds of megabytes.
 */
export function protectAnswers(server: FastifyInstance, publicUrl: string): void {
  const headers = Object.fromEntries(securityHeaders(publicUrl));
  server.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}
