import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../shared/audit.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { Config } from '../../shared/config.js';
import { type Client, Session } from './session.entity.js';
import { SessionRepository } from './session.repository.js';
import { type Pass, SessionTokens } from './session-token.js';

/** Starts a session of somebody who has proved who they are. Call it inside a unit of work. */
@Injectable()
export class OpenSession {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly tokens: SessionTokens,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  async execute(userId: number, { ip, userAgent }: Client): Promise<Pass> {
    const now = this.clock.now();
    const expiresIn = this.config.JWT_EXPIRES_IN;
    const expiresAt = new Date(now.getTime() + expiresIn * 1000);
    const session = new Session(randomUUID(), userId, now, expiresAt, ip, userAgent);
    await this.sessions.removeExpired(now, userId);
    this.sessions.add(session);
    await this.audit.record({ action: 'user.logged_in', target: `user:${userId}`, actor: `user:${userId}` });
    return { token: this.tokens.issue(session), expiresIn };
  }
}
