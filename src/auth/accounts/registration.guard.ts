import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { TooManyRequests } from '../../shared/errors.js';
import { networkOf } from '../../shared/limits/network.js';
import { RateLimitStore } from '../../shared/limits/rate-limit.port.js';

/** How many within how many seconds. */
const REGISTRATIONS = [30, 60] as const;

/** Lets one address register only so often: who registers learns which addresses are taken. */
@Injectable()
export class RegistrationGuard implements CanActivate {
  constructor(private readonly limits: RateLimitStore) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { ip } = context.switchToHttp().getRequest<FastifyRequest>();
    const { allowed, secondsLeft } = await this.limits.hit(`register:${networkOf(ip)}`, ...REGISTRATIONS);
    if (!allowed) throw new TooManyRequests('Too many registrations. Wait before you try again.', secondsLeft);
    return true;
  }
}
