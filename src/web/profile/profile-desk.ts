import { Injectable } from '@nestjs/common';
import type { Session } from '../../auth/sessions/session.entity.js';
import { SessionRepository } from '../../auth/sessions/session.repository.js';
import { Clock } from '../../shared/time/clock.port.js';
import { Belongings, type Losses } from './belongings.js';

export interface ProfileFacts {
  /** Where the person is logged in, newest first. */
  sessions: Session[];
  losses: Losses;
}

/** Gathers what a person's profile shows. */
@Injectable()
export class ProfileDesk {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly belongings: Belongings,
    private readonly clock: Clock,
  ) {}

  async factsOf(userId: number): Promise<ProfileFacts> {
    const sessions = await this.sessions.listOf(userId, this.clock.now());
    return { sessions, losses: await this.belongings.of(userId) };
  }
}
