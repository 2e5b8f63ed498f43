/** Something that somebody did and that must be possible to look up later. Never carries a secret. */
export interface AuditEvent {
  /** What was done, `concept.verb`: `token.issued`, `password.changed`. */
  action: string;
  /** What it was done to: `token:12`. */
  target: string;
  /** Who did it, when that is not the person behind the current request: `user:7`, `operator`, `job:usage-sync`. */
  actor?: string;
  /** Whether it was done (if not said otherwise), or tried and turned down. */
  result?: 'done' | 'refused';
}

/**
 * The record of what people did. Call it inside the unit of work of the deed: if it cannot be recorded, it is not done.
 * Actor and address are those of the current request.
 */
export abstract class AuditLog {
  abstract record(event: AuditEvent): Promise<void>;

  /** Takes the addresses out of all that this person did or had done to them; the events themselves stay. */
  abstract forgetAddressesOf(userId: number): Promise<void>;
}
