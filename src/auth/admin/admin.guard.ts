import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../shared/config.js';
import { bearerOf } from '../../shared/http/bearer.js';
import { networkOf } from '../../shared/limits/network.js';
import { RateLimitStore } from '../../shared/limits/rate-limit.port.js';
import { sameSecret } from '../../shared/secrets/secret.js';
import { AuthenticateSession } from '../sessions/authenticate-session.use-case.js';
import { NotAnAdmin } from '../sessions/session.entity.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by AdminGuard when the request came with the ADMIN_TOKEN. */
    isOperator?: boolean;
  }
}

/** How often within how many seconds an address may be wrong about the ADMIN_TOKEN. */
const GUESSES = [30, 60] as const;

/** Lets in whoever sends the ADMIN_TOKEN or the JWT of an admin; everybody else gets the same 403. */
@Injectable()
export class AdminGuard implements CanActivate {
  private readonly admitted = new WeakSet<FastifyRequest>();

  constructor(
    private readonly config: Config,
    private readonly authenticate: AuthenticateSession,
    private readonly limits: RateLimitStore,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.admit(context.switchToHttp().getRequest<FastifyRequest>());
    return true;
  }

  /** Throws NotAnAdmin, or notes who the admin is: a person, or the operator. Who was admitted is not asked again. */
  async admit(request: FastifyRequest): Promise<void> {
    if (this.admitted.has(request)) return;
    const credential = bearerOf(request);
    if (!this.config.ADMIN_TOKEN || !credential) throw new NotAnAdmin();
    const isAdminToken = sameSecret(credential, this.config.ADMIN_TOKEN);
    const principal = isAdminToken ? null : await this.authenticate.execute(credential);
    const isAdmitted = principal ? principal.role === 'admin' : await this.isAllowedGuess(isAdminToken, request.ip);
    if (!isAdmitted) throw new NotAnAdmin();
    if (principal) request.principal = principal;
    else request.isOperator = true;
    this.admitted.add(request);
  }

  /** Wrong guesses use up an address's allowance; when it is gone, a right one is not let in either. */
  private async isAllowedGuess(isRight: boolean, ip: string): Promise<boolean> {
    const name = `admin:${networkOf(ip)}`;
    if (isRight) return (await this.limits.peek(name, ...GUESSES)).allowed;
    await this.limits.hit(name, ...GUESSES);
    return false;
  }
}
