import type { FastifyReply } from 'fastify';
import type { Allowance } from '../limits/rate-limit.port.js';

const whole = (description: string, example: number) => ({
  description,
  schema: { type: 'integer' as const, minimum: 0, example },
});

/** What every answer of a rate-limited route carries, for the OpenAPI document. */
export const RATE_LIMIT_HEADERS = {
  'X-RateLimit-Limit': whole('How many calls a window allows.', 100),
  'X-RateLimit-Remaining': whole('How many of them are left.', 58),
  'X-RateLimit-Reset': whole('Whole seconds until the window ends.', 1800),
};

/** Says on an answer what is left of an allowance. */
export function tellAllowance(reply: FastifyReply, left: Pick<Allowance, 'limit' | 'remaining' | 'secondsLeft'>): void {
  reply.header('X-RateLimit-Limit', left.limit);
  reply.header('X-RateLimit-Remaining', left.remaining);
  reply.header('X-RateLimit-Reset', left.secondsLeft);
}
