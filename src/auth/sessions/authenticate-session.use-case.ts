import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/time/clock.port.js';
import type { Principal } from '../../shared/principal.js';
import { SessionRepository } from './session.repository.js';
import { SessionTokens } from './session-token.js';

/** Finds the person who is logged in with a JWT, as the database knows them now. */
@Injectable()
export class AuthenticateSession {
  constructor(
    private readonly tokens: SessionTokens,
    private readonly sessions: SessionRepository,
    private readonly clock: Clock,
  ) {}

  /** Null if nobody is, whatever the reason. */
  async execute(jwt: string): Promise<Principal | null> {
    const claim = this.tokens.read(jwt);
    return claim && this.sessions.findPrincipal(claim.sessionId, claim.userId, this.clock.now());
  }
}
