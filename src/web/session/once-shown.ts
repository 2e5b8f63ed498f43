import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../shared/config.js';
import type { Principal } from '../../shared/principal.js';
import { Cipher, type SecretPlace } from '../../shared/secrets/cipher.port.js';
import { Clock } from '../../shared/time/clock.port.js';

const COOKIE = 'new_secret';
/** The browser follows at once; whoever takes longer makes another one. */
const SECONDS = 60;

/** A secret that was just made, on its way to the page that shows it. */
export interface NewSecret {
  /** What it is the secret of. */
  id: number;
  text: string;
}

/**
 * Hands a new secret from the form that made it to the next page, which shows it this one time. It travels in a cookie
 * that is sealed, good for a minute and for this session alone, and gone once it was read: loading the page again or
 * going back finds nothing, the address never holds it, and nothing of it stays here.
 */
@Injectable()
export class OnceShown {
  constructor(
    private readonly cipher: Cipher,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** `path`: where the page is that shows it; no other one is sent the cookie. */
  keep(reply: FastifyReply, person: Principal, path: string, secret: NewSecret): void {
    const sealed = this.cipher.seal(
      JSON.stringify({ ...secret, until: this.clock.now().getTime() + SECONDS * 1000 }),
      placeOf(person),
    );
    const secure = this.config.publicUrl.startsWith('https:');
    reply.setCookie(COOKIE, sealed, { httpOnly: true, sameSite: 'strict', secure, path, maxAge: SECONDS });
  }

  /** Null if there is nothing to show, or not any more. */
  take(request: FastifyRequest, reply: FastifyReply, person: Principal, path: string): NewSecret | null {
    const sealed = request.cookies[COOKIE];
    if (!sealed) return null;
    reply.clearCookie(COOKIE, { path });
    return this.opened(sealed, person);
  }

  private opened(sealed: string, person: Principal): NewSecret | null {
    try {
      const { id, text, until } = JSON.parse(this.cipher.open(sealed, placeOf(person))) as NewSecret & {
        until: number;
      };
      return this.clock.now().getTime() < until ? { id, text } : null;
    } catch {
      // Somebody else's, or not ours at all: there is nothing to show.
      return null;
    }
  }
}

function placeOf({ id, sessionId }: Principal): SecretPlace {
  return { table: 'pages', id, column: `new secret of session ${sessionId}` };
}
