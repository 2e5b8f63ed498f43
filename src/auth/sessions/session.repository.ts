import type { Principal } from '../../shared/principal.js';
import type { Session } from './session.entity.js';

/** Who is logged in where. Removing happens at once, so call it inside a unit of work. */
export abstract class SessionRepository {
  abstract add(session: Session): void;

  /** The active person behind a session that had not ended at `now`, with today's role; null if there is none. */
  abstract findPrincipal(id: string, userId: number, now: Date): Promise<Principal | null>;

  /** Where a person is logged in at `now`, newest first; a thousand at most. */
  abstract listOf(userId: number, now: Date): Promise<Session[]>;

  abstract remove(id: string): Promise<void>;

  /** Ends a person's sessions, but for the one whose id is `except`. */
  abstract removeAllOf(userId: number, except?: string): Promise<void>;

  /** Removes the sessions that have ended, of one person or of everybody. Returns how many there were. */
  abstract removeExpired(now: Date, userId?: number): Promise<number>;
}
