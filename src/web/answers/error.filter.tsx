import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { DomainError } from '../../shared/errors.js';
import { refusedMethod } from '../../shared/http/allowed-methods.js';
import { type ProblemBody, problemOf, refuse, retryAfterOf } from '../../shared/http/problem.js';
import { LOGGER } from '../../shared/tokens.js';
import { wantsPage } from '../delivery/page-address.js';
import { logInAddress } from '../session/next-address.js';
import { LogInFirst } from '../session/page-refusals.js';
import { ErrorContent, titleOf } from './error-content.js';
import { PagePress } from './page-press.js';
import { View } from './view.js';

/**
 * Answers whatever was thrown: programs with problem+json, people with a page of the house. Only bugs are logged as
 * errors; nothing of them is told.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly press: PagePress,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const thrown = refusedMethod(error, request, reply);
    const problem = problemOf(thrown);
    if (problem.status >= 500 && !(thrown instanceof DomainError)) {
      this.logger.error({ err: thrown }, 'Unexpected error');
    }
    if (thrown instanceof LogInFirst) return leadToLogIn(request, reply);
    const page = wantsPage(request) ? await this.pageOf(problem, thrown, request, reply) : null;
    if (page === null) refuse(reply, thrown);
    else void reply.send(page);
  }

  /** Null when not even the page can be printed. */
  private async pageOf(problem: ProblemBody, thrown: unknown, request: FastifyRequest, reply: FastifyReply) {
    const { status, detail } = problem;
    const view = new View({
      title: titleOf(status),
      section: request.principal && 'dashboard',
      content: <ErrorContent status={status} detail={detail} requestId={request.id} />,
      status,
      retryAfter: retryAfterOf(thrown),
    });
    return this.press.print(view, request, reply).catch(() => null);
  }
}

/** A script that asks for part of a page would put the log-in page in its place: it is told to open it instead. */
function leadToLogIn({ method, url, headers }: FastifyRequest, reply: FastifyReply): void {
  const path = logInAddress(method === 'GET' ? url : pathOf(headers.referer));
  reply.header('Cache-Control', 'no-store');
  if (headers['hx-request']) void reply.status(401).header('HX-Redirect', path).send();
  else void reply.status(303).header('Location', path).send();
}

function pathOf(address: string | undefined): string {
  const url = URL.parse(address ?? '');
  return url ? url.pathname + url.search : '/';
}
