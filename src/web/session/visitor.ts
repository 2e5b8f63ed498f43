import type { FastifyReply, FastifyRequest } from 'fastify';
import { newSecret } from '../../shared/secrets/secret.js';

const COOKIE = 'visitor';
const DAY_SECONDS = 86_400;

declare module 'fastify' {
  interface FastifyRequest {
    /** Made when it is first asked for. */
    visitor?: Visitor;
  }
}

/** Whoever looks at a page, so that a form can tell whose it is: a session, or a browser that has none yet. */
export class Visitor {
  private constructor(
    readonly name: string,
    private readonly isNew: boolean,
  ) {}

  static of(request: FastifyRequest): Visitor {
    return (request.visitor ??= Visitor.behind(request));
  }

  private static behind(request: FastifyRequest): Visitor {
    const { principal, cookies } = request;
    if (principal) return new Visitor(`session ${principal.sessionId}`, false);
    const known = /^[\w-]{43}$/.test(cookies[COOKIE] ?? '') ? cookies[COOKIE] : undefined;
    const id = known ?? newSecret();
    return new Visitor(`visitor ${id}`, known === undefined);
  }

  /** Remembers a browser that is new here for as long as it takes to log in. */
  welcome(reply: FastifyReply): void {
    if (!this.isNew) return;
    const options = { httpOnly: true, sameSite: 'lax', path: '/', maxAge: DAY_SECONDS } as const;
    reply.setCookie(COOKIE, this.name.replace('visitor ', ''), options);
  }
}
