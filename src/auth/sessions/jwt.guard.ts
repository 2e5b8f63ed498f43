import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { OPEN, OTHER_GUARD } from '../../shared/http/decorators.js';
import { AuthenticateSession } from './authenticate-session.use-case.js';
import { bearerOf } from '../../shared/http/bearer.js';
import { NotLoggedIn } from './session.entity.js';

/** Stands at every door: lets in people with a session, unless the route is open or has a guard of its own. */
@Injectable()
export class JwtGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticate: AuthenticateSession,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.isMarked(context, OPEN) || this.isMarked(context, OTHER_GUARD)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const jwt = bearerOf(request);
    const principal = jwt && (await this.authenticate.execute(jwt));
    if (!principal) throw new NotLoggedIn();
    request.principal = principal;
    return true;
  }

  private isMarked(context: ExecutionContext, mark: string): boolean {
    return this.reflector.getAllAndOverride<boolean>(mark, [context.getHandler(), context.getClass()]) === true;
  }
}
