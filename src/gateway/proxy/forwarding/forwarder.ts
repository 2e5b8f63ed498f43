import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { ProxyRefusal } from '../refusals/proxy-refusal.js';
import type { RequestBody } from '../requests/request-body.js';
import { credentialHeader, type RequestHeaders } from '../requests/request-headers.js';
import type { TargetPath } from '../addressing/target-path.js';
import { type Ending, type Outcome, UpstreamCall } from './upstream-call.js';
import { unavailable } from '../access/upstream-choice.js';
import type { Base, UpstreamConnections } from './upstream-connections.js';
import type { Upstream } from '../access/upstream-directory.port.js';

/** A client's request, read and found fit to be sent on. */
export interface Forwardable {
  req: IncomingMessage;
  res: ServerResponse;
  headers: RequestHeaders;
  target: TargetPath;
  body: RequestBody;
}

/** Sends requests to upstreams. */
export class Forwarder {
  constructor(
    private readonly connections: UpstreamConnections,
    private readonly logger: Logger,
  ) {}

  /** Resolves when the call is over, however it ended; then `refusalAfter` knows what the client must still be told. */
  forward(upstream: Upstream, { req, res, headers, target, body }: Forwardable): Promise<Outcome> {
    const { origin, path } = this.baseOf(upstream);
    const sent = [...headers.forwarded, ...credentialHeader(upstream.provider, this.credentialOf(upstream))];
    if (body.length > 0) sent.push('content-length', String(body.length));
    const method = req.method!;
    const timeoutMs = upstream.timeoutSeconds * 1000;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const call = new UpstreamCall(res, { timeoutMs, isMetered: method === 'POST', onSent: () => body.sent() }, resolve);
    const bodyTimeout = timeoutMs;
    const request = { origin, path: path + target.path + target.query, method, headers: sent, body: body.take() };
    this.connections.dispatch({ ...request, bodyTimeout }, call);
    return promise;
  }

  /** What the client must be told after a call to which it got no answer; null if there is nothing to tell. */
  refusalAfter(outcome: Outcome, upstream: Upstream): ProxyRefusal | null {
    const { ending, cause } = outcome;
    if (FAULTS.has(ending))
      this.logger.warn({ upstream_id: upstream.id, ending, cause }, 'A call to an upstream failed.');
    if (ending === 'refused') {
      return new ProxyRefusal(502, 'bad_gateway', 'The upstream could not be reached or broke off. Try again later.');
    }
    if (ending === 'timeout') {
      return new ProxyRefusal(504, 'gateway_timeout', 'The upstream did not answer in time. Try again later.');
    }
    return null;
  }

  private baseOf(upstream: Upstream): Base {
    try {
      return this.connections.baseOf(upstream);
    } catch {
      this.logger.warn(
        { upstream_id: upstream.id },
        'The address of an upstream is not allowed. Correct its base URL.',
      );
      throw new ProxyRefusal(502, 'bad_gateway', 'The upstream cannot be reached. Ask an admin to check its address.');
    }
  }

  private credentialOf(upstream: Upstream): string {
    try {
      return upstream.credential();
    } catch {
      this.logger.error({ upstream_id: upstream.id }, 'The key of an upstream cannot be decrypted. Enter it again.');
      throw unavailable();
    }
  }
}

const FAULTS: ReadonlySet<Ending> = new Set(['refused', 'timeout', 'cut_off', 'stalled']);
