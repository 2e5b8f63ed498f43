import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { OPEN, OTHER_GUARD } from '../../shared/http/decorators.js';
import { NoQuery } from '../../shared/http/no-query.guard.js';
import { AuthenticateSession } from './authenticate-session.use-case.js';
import { bearerOf } from '../../shared/http/bearer.js';
import { NotLoggedIn } from './session.entity.js';

/** Stands at every door: lets in people with a session, unless the route is open or has a guard of its own. */
@Injectable()
export class JwtGuard implements CanActivate {
  private readonly noQuery = new NoQuery();

  constructor(
    private readonly reflector: Reflector,
    private readonly authenticate: AuthenticateSession,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.isMarked(context, OTHER_GUARD)) return true;
    if (!this.isMarked(context, OPEN)) await this.admit(context.switchToHttp().getRequest<FastifyRequest>());
    return this.noQuery.canActivate(context);
  }

  private async admit(request: FastifyRequest): Promise<void> {
    const jwt = bearerOf(request);
    const principal = jwt && (await this.authenticate.execute(jwt));
    if (!principal) throw new NotLoggedIn();
    request.principal = principal;
  }

  private isMarked(context: ExecutionContext, mark: string): boolean {
    return this.reflector.getAllAndOverride<boolean>(mark, [context.getHandler(), context.getClass()]) === true;
  }
}
