import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';

/** Whoever serves the requests that are the proxy's. */
export interface ProxyHandler {
  serves(target: string | undefined): boolean;
  readonly handle: RequestListener;
}

/** The times and sizes that Fastify would give to a server which it makes itself. */
export interface ServerLimits {
  http?: ServerOptions;
  keepAliveTimeout?: number;
  requestTimeout?: number;
  connectionTimeout?: number;
}

/** A client may name the whole address (RFC 9112, 3.2.2); everybody after this sees the path alone. */
function withoutHost(target = '/'): string {
  if (target.startsWith('/')) return target;
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '');
  return path.startsWith('?') ? `/${path}` : path || '/';
}

/**
 * Where requests part: those to the proxy go to its engine before Fastify and Nest see them, so that nothing of theirs is
 * paid there; all others go on to Fastify. Until the engine is put in, Fastify gets everything.
 */
export class ProxyDoor {
  private handler: ProxyHandler | null = null;

  open(handler: ProxyHandler): void {
    this.handler = handler;
  }

  /** Fastify's `serverFactory`. */
  readonly newServer = (others: RequestListener, limits: ServerLimits): Server => {
    const server = createServer(limits.http ?? {}, (req, res) => {
      req.url = withoutHost(req.url);
      const handle = this.handler?.serves(req.url) ? this.handler.handle : others;
      handle(req, res);
    });
    server.keepAliveTimeout = limits.keepAliveTimeout ?? server.keepAliveTimeout;
    server.requestTimeout = limits.requestTimeout ?? server.requestTimeout;
    server.setTimeout(limits.connectionTimeout ?? 0);
    return server;
  };
}
