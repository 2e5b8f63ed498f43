import type { FastifyInstance, FastifyReply } from 'fastify';
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
  const countCallFrom = async (ip: string, reply: FastifyReply) => {
    // Where nothing can be counted, nobody is let in either, and the answer says so already.
    const nothingLeft = { limit: most, remaining: 0, secondsLeft: windowSeconds };
    tellAllowance(reply, await counters.hit(nameOf(ip), most, windowSeconds).catch(() => nothingLeft));
  };
  server.addHook('onSend', (request, reply, _payload, done) => {
    if (reply.hasHeader('X-RateLimit-Limit') || !PUBLIC_API.test(request.url)) return done();
    return countCallFrom(request.ip, reply);
  });
}

/** The counter of the calls from an address that came without a token that works. */
export function nameOf(ip: string): string {
  return `api-address:${networkOf(ip)}`;
}
