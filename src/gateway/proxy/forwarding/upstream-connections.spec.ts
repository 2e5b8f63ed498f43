import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AddressRefused, AddressRules } from '../addressing/address-rules.js';
import { UpstreamConnections } from './upstream-connections.js';

describe('connecting to an upstream', () => {
  let server: Server;
  let connectionCount = 0;

  beforeEach(async () => {
    connectionCount = 0;
    server = createServer((_req, res) => res.end('here')).on('connection', () => connectionCount++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => void server.close());

  /** Asks without looking at the address first, as if the rules had been passed before. */
  async function ask(rules: AddressRules, host: string): Promise<number> {
    const connections = new UpstreamConnections(rules);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const origin = `http://${host}:${(server.address() as AddressInfo).port}`;
    connections.dispatch(
      { origin, path: '/', method: 'GET' },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, status) => resolve(status),
        onResponseData: () => undefined,
        onResponseEnd: () => undefined,
        onResponseError: (_controller, error) => reject(error),
      },
    );
    return promise.finally(() => connections.destroy());
  }
  const resolvingTo = (address: string, allowed: string[]) =>
    new AddressRules(allowed, (_host, _options, done) => done(null, [{ address, family: 4 }]));

  it('judges the address at the last moment, also one that needs no look-up', async () => {
    await expect(ask(new AddressRules([]), '127.0.0.1')).rejects.toThrow(AddressRefused);
    expect(connectionCount).toBe(0);
    expect(await ask(new AddressRules(['127.0.0.1']), '127.0.0.1')).toBe(200);
  });

  it('goes to the very address that was judged, and asks for a name only once', async () => {
    await expect(ask(resolvingTo('127.0.0.1', []), 'upstream.test')).rejects.toThrow(AddressRefused);
    expect(connectionCount).toBe(0);
    expect(await ask(resolvingTo('127.0.0.1', ['127.0.0.0/8']), 'upstream.test')).toBe(200);
    expect(connectionCount).toBe(1);
  });
});
