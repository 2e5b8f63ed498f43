import { Agent, buildConnector, type Dispatcher } from 'undici';
import { AddressRefused, type AddressRules } from '../addressing/address-rules.js';
import type { Upstream } from '../access/upstream-directory.port.js';

const CONNECT_TIMEOUT_MS = 10_000;
const LARGEST_HEADERS = 64 * 1024;

/** Where an upstream's base address points to. */
export interface Base {
  origin: string;
  /** Without a slash at its end; empty at the root. */
  path: string;
}

/** The connections to all upstreams: kept open, never shared by two calls at a time, never following a redirect. */
export class UpstreamConnections {
  private readonly agent: Agent;
  private readonly bases = new WeakMap<Upstream, Base>();

  constructor(private readonly rules: AddressRules) {
    const connect = buildConnector({ lookup: rules.lookup, timeout: CONNECT_TIMEOUT_MS, allowH2: false });
    this.agent = new Agent({
      allowH2: false,
      maxHeaderSize: LARGEST_HEADERS,
      // The first byte has a timer of its own, because it must count the time that connecting takes too.
      headersTimeout: 0,
      connect: (options, done) => {
        // The lookup hook is not called for addresses, only for names.
        if (rules.allowsHost(options.hostname)) connect(options, done);
        else done(new AddressRefused('The address of the upstream is not allowed.'), null);
      },
    });
  }

  /** Throws AddressRefused when the rules have become stricter than they were when the upstream was added. */
  baseOf(upstream: Upstream): Base {
    const known = this.bases.get(upstream);
    if (known) return known;
    const { origin, pathname } = this.rules.parse(upstream.baseUrl);
    const base = { origin, path: pathname.replace(/\/+$/, '') };
    this.bases.set(upstream, base);
    return base;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.agent.dispatch(options, handler);
  }

  /** For the gateway's own questions to an upstream. */
  request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    return this.agent.request(options);
  }

  /** Waits for the calls that are under way. */
  close(): Promise<void> {
    return this.agent.close();
  }

  /** Ends the calls that are under way. */
  destroy(): Promise<void> {
    return this.agent.destroy();
  }
}
