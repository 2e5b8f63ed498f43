import type { FastifyInstance } from 'fastify';
import type { Config } from '../shared/config.js';
import { tellAllowance } from '../shared/http/rate-limit.headers.js';
import { networkOf } from '../shared/limits/network.js';
import type { RateLimitStore } from '../shared/limits/rate-limit.port.js';

const PUBLIC_API = /^\/api\/v1(?=[/?]|$)/;

/**
 * Every answer of the public API tells what is left, also one to a call that was turned down before anybody asked for
 * its token: it counts like a call without one.
 */
export function countEveryCall(server: FastifyInstance, config: Config, counters: RateLimitStore): void {
  const { RATE_LIMIT_IP_REQUESTS: most, RATE_LIMIT_IP_WINDOW: windowSeconds } = config;
  server.addHook('onSend', async (request, reply) => {
    if (!PUBLIC_API.test(request.url) || reply.hasHeader('X-RateLimit-Limit')) return;
    // Where nothing can be counted, nobody is let in either, and the answer says so already.
    const nothingLeft = { limit: most, remaining: 0, secondsLeft: windowSeconds };
    const counted = await counters.hit(nameOf(request.ip), most, windowSeconds).catch(() => nothingLeft);
    tellAllowance(reply, counted);
  });
}

/** The counter of the calls from an address that came without a token that works. */
export function nameOf(ip: string): string {
  return `api-address:${networkOf(ip)}`;
}
