import type { FastifyInstance } from 'fastify';

/**
 * Hangs up after the last answer when the server closes. Otherwise a client that keeps its connection for the next
 * request, which would be refused, keeps the process from ending for more than a minute.
 */
export function hangUpWhenClosing(server: FastifyInstance): void {
  let isClosing = false;
  server.addHook('preClose', async () => {
    isClosing = true;
  });
  server.addHook('onResponse', (request, _reply, done) => {
    if (isClosing) request.raw.socket.end();
    done();
  });
}
