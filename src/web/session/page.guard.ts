import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthenticateSession } from '../../auth/sessions/authenticate-session.use-case.js';
import { Config } from '../../shared/config.js';
import { OPEN } from '../../shared/http/decorators.js';
import { FormToken } from './form-token.js';
import { ForAdmins, ForeignForm, LogInFirst, OldForm } from './page-refusals.js';
import { isSameOrigin } from './same-origin.js';
import { SessionCookie } from './session-cookie.js';
import { Visitor } from './visitor.js';

export const ADMINS_ONLY = 'admins-only';

/**
 * Stands before every page: finds out from the cookie who asks, and lets nobody change anything but by a form of ours.
 * Who is not logged in is led to the log-in page, unless the page is open.
 */
@Injectable()
export class PageGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticate: AuthenticateSession,
    private readonly cookie: SessionCookie,
    private readonly formToken: FormToken,
    private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    if (changes && !isSameOrigin(request, this.config.publicUrl)) throw new ForeignForm();
    const jwt = this.cookie.read(request);
    request.principal = (jwt && (await this.authenticate.execute(jwt))) || undefined;
    if (!request.principal && !this.isMarked(context, OPEN)) throw this.refusal(context, request);
    const isAdmin = request.principal?.role === 'admin';
    if (this.isMarked(context, ADMINS_ONLY) && !isAdmin) throw new ForAdmins();
    if (changes) this.checkToken(request);
    else Visitor.of(request).welcome(context.switchToHttp().getResponse<FastifyReply>());
    return true;
  }

  private checkToken(request: FastifyRequest): void {
    const { form_token: token } = (request.body ?? {}) as Record<string, unknown>;
    if (!this.formToken.isOf(Visitor.of(request).name, token)) throw new OldForm();
  }

  /**
   * The console is closed to strangers as the whole of /admin is, and does not send them anywhere; but a list that is
   * open when the session ends is told to.
   */
  private refusal(context: ExecutionContext, { headers, url }: FastifyRequest): Error {
    const isOpenList = headers['hx-request'] !== undefined && url.startsWith('/console/');
    return this.isMarked(context, ADMINS_ONLY) && !isOpenList ? new ForAdmins() : new LogInFirst();
  }

  private isMarked(context: ExecutionContext, mark: string): boolean {
    return this.reflector.getAllAndOverride<boolean>(mark, [context.getHandler(), context.getClass()]) === true;
  }
}
