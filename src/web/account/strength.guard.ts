import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { TooManyRequests } from '../../shared/errors.js';
import { networkOf } from '../../shared/limits/network.js';
import { RateLimitStore } from '../../shared/limits/rate-limit.port.js';

/** How many within how many seconds: the pages ask four times a second at most while somebody types. */
const ESTIMATES = [300, 60] as const;

/** Lets one address have only so many passwords weighed, as anybody may ask for it. */
@Injectable()
export class StrengthGuard implements CanActivate {
  constructor(private readonly limits: RateLimitStore) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { ip } = context.switchToHttp().getRequest<FastifyRequest>();
    const { allowed, secondsLeft } = await this.limits.hit(`strength:${networkOf(ip)}`, ...ESTIMATES);
    if (!allowed) throw new TooManyRequests('Too many passwords to weigh. Wait before you go on.', secondsLeft);
    return true;
  }
}
