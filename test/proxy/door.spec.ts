import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProxyDoor } from '../../src/gateway/proxy/proxy-door.js';

describe('the door to the proxy', () => {
  const door = new ProxyDoor();
  let fastify: FastifyInstance;
  let url: string;

  beforeEach(async () => {
    const adapter = new FastifyAdapter({
      serverFactory: door.newServer,
      requestTimeout: 7_000,
      connectionTimeout: 8_000,
    });
    fastify = adapter.getInstance() as unknown as FastifyInstance;
    fastify.get('/proxy/v1/models', () => ({ from: 'fastify' }));
    fastify.get('/api/keys', () => ({ from: 'fastify' }));
    url = await fastify.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(() => fastify.close());

  const ask = async (path: string) => (await fetch(url + path)).json();

  it('lets only the requests to the proxy in, as soon as it is open', async () => {
    expect(await ask('/proxy/v1/models')).toEqual({ from: 'fastify' });
    door.open({
      serves: (target) => target?.startsWith('/proxy/') ?? false,
      handle: (_req, res) => void res.end('{"from":"proxy"}'),
    });
    expect(await ask('/proxy/v1/models')).toEqual({ from: 'proxy' });
    expect(await ask('/api/keys')).toEqual({ from: 'fastify' });
  });

  it('keeps the time limits that Fastify was given', () => {
    expect(fastify.server.requestTimeout).toBe(7_000);
    expect(fastify.server.timeout).toBe(8_000);
  });
});
