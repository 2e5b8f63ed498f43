import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { renderToString } from 'preact-render-to-string';
import { NotificationRepository } from '../../notifications/notification.repository.js';
import { Config } from '../../shared/config.js';
import { Clock } from '../../shared/time/clock.port.js';
import { Document } from '../layout/document.js';
import { type Scene, SceneContext } from '../layout/scene.js';
import { themeOf } from '../layout/theme.js';
import { FormToken } from '../session/form-token.js';
import { Visitor } from '../session/visitor.js';
import { isNotice } from './notices.js';
import type { SeeOther, View } from './view.js';

const NOTICE_COOKIE = 'notice';
const NOTICE_SECONDS = 60;

/** Prints pages: what a route shows, in the layout, for the person who asks. */
@Injectable()
export class PagePress {
  constructor(
    private readonly notifications: NotificationRepository,
    private readonly formToken: FormToken,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** Sets the headers of the answer and returns its text. */
  async print(view: View, request: FastifyRequest, reply: FastifyReply): Promise<string> {
    const { status = 200, retryAfter } = view.options;
    // A page that tells of an outage must not need what is away.
    const unread = status < 500 ? await this.unreadOf(request) : 0;
    const scene = this.sceneOf(request, unread);
    reply.status(status).header('Content-Type', 'text/html; charset=utf-8');
    if (retryAfter) reply.header('Retry-After', retryAfter);
    if (scene.notice) reply.clearCookie(NOTICE_COOKIE, { path: '/' });
    // The answer to a form that failed has the form's address, at which there is nothing to look at.
    if (request.method !== 'GET') reply.header('HX-Replace-Url', 'false');
    const page = (
      <SceneContext.Provider value={scene}>
        <Document view={view.options} />
      </SceneContext.Provider>
    );
    return `<!doctype html>${renderToString(page)}`;
  }

  send({ path, notice }: SeeOther, reply: FastifyReply): undefined {
    if (notice) {
      const options = { httpOnly: true, sameSite: 'lax', path: '/', maxAge: NOTICE_SECONDS } as const;
      reply.setCookie(NOTICE_COOKIE, notice, options);
    }
    reply.status(303).header('Location', path).header('Cache-Control', 'no-store');
    return undefined;
  }

  private async unreadOf({ principal }: FastifyRequest): Promise<number> {
    return principal ? this.notifications.countUnread(principal.id) : 0;
  }

  private sceneOf(request: FastifyRequest, unread: number): Scene {
    const { principal, cookies, headers, url } = request;
    const notice = cookies[NOTICE_COOKIE];
    const publicUrl = this.config.publicUrl.replace(/\/$/, '');
    return {
      principal,
      path: url,
      now: this.clock.now(),
      publicUrl,
      gatewayUrl: `${publicUrl}${this.config.PROXY_PREFIX}/v1`,
      theme: themeOf(cookies),
      formToken: this.formToken.issue(Visitor.of(request).name),
      notice: isNotice(notice) ? notice : undefined,
      unread,
      isPartial: isPartOf(headers['hx-target']),
    };
  }
}

/** Whether htmx puts the answer into the page that is there; a whole page has the body for its target. */
function isPartOf(target: string | string[] | undefined): boolean {
  return typeof target === 'string' && !target.startsWith('body');
}
