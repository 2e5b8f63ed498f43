import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { AddressRules } from '../../src/gateway/proxy/addressing/address-rules.js';
import { ProxyEngine, type ProxySettings } from '../../src/gateway/proxy/proxy-engine.js';
import { UpstreamConnections } from '../../src/gateway/proxy/forwarding/upstream-connections.js';
import type { Upstream } from '../../src/gateway/proxy/access/upstream-directory.port.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import {
  MemoryCallLedger,
  MemoryCallLimits,
  MemoryCallPrices,
  MemoryClientKeyDirectory,
  MemoryKeyUsage,
  MemoryUpstreamDirectory,
} from '../fakes/gateway.memory.ts';

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

export interface TestGatewayOptions extends Partial<ProxySettings> {
  /** The first upstream; more can be put into `upstreams`. */
  upstream?: Partial<Upstream> & { baseUrl: string };
  rules?: AddressRules;
}

/** The proxy's engine on an HTTP server of its own, everything around it in memory. */
export class TestGateway implements AsyncDisposable {
  readonly keys = new MemoryClientKeyDirectory();
  readonly upstreams = new MemoryUpstreamDirectory();
  readonly limits = new MemoryCallLimits();
  readonly ledger = new MemoryCallLedger();
  readonly prices = new MemoryCallPrices();
  readonly clock = new FixedClock();
  readonly logs: string[] = [];
  /** A client key that may use the first upstream. */
  readonly secret: string;
  readonly server: Server;
  readonly engine: ProxyEngine;
  private readonly connections: UpstreamConnections;

  private constructor({ upstream, rules, ...settings }: TestGatewayOptions) {
    if (upstream) this.upstreams.put(upstream);
    this.secret = this.keys.issue({ upstreamIds: [1] });
    this.connections = new UpstreamConnections(rules ?? new AddressRules(LOOPBACK));
    const { keys, upstreams, limits, ledger, prices, clock, connections } = this;
    const logger = pino({ level: 'debug' }, { write: (line: string) => void this.logs.push(line) });
    const ports = { keys, upstreams, limits, ledger, prices, clock, connections, logger, usage: new MemoryKeyUsage() };
    this.engine = new ProxyEngine(ports, { prefix: '/proxy', bodyLimit: 1_000_000, ...settings });
    this.server = createServer(this.engine.handle);
  }

  static async start(options: TestGatewayOptions = {}): Promise<TestGateway> {
    const gateway = new TestGateway(options);
    gateway.server.listen(0, '127.0.0.1');
    await once(gateway.server, 'listening');
    return gateway;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/proxy/v1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.connections.destroy();
  }
}
