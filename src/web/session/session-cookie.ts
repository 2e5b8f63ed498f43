import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Pass } from '../../auth/sessions/session-token.js';
import { Config } from '../../shared/config.js';

/**
 * Carries the JWT of a session to the pages, and to nothing else. Where people come by https its name begins with
 * `__Host-`, so that no other host can plant one; plain http, as on a developer's machine, cannot have that.
 */
@Injectable()
export class SessionCookie {
  readonly name: string;
  private readonly options: { httpOnly: true; sameSite: 'lax'; path: '/'; secure: boolean };

  constructor(config: Config) {
    const secure = config.publicUrl.startsWith('https:');
    this.name = secure ? '__Host-session' : 'session';
    this.options = { httpOnly: true, sameSite: 'lax', path: '/', secure };
  }

  read(request: FastifyRequest): string | undefined {
    return request.cookies[this.name];
  }

  set(reply: FastifyReply, { token, expiresIn }: Pass): void {
    reply.setCookie(this.name, token, { ...this.options, maxAge: expiresIn });
  }

  clear(reply: FastifyReply): void {
    reply.clearCookie(this.name, this.options);
  }
}
