/**
 * Takes away what hangs on accounts and keys that nobody finds any more, a few rows at a time, so that nobody waits for it.
 * May stop anywhere and be begun again.
 */
export abstract class Clearance {
  /** Within a unit of work: the user's keys are removed, their secrets are gone, and what hangs on them may be cleared. */
  abstract retireKeysOf(userId: number, now: Date): Promise<void>;

  /** Everything that was ever read of a key, however much; the key itself stays. */
  abstract clearKey(apiKeyId: number, signal?: AbortSignal): Promise<void>;

  /** The same for all keys of a user. */
  abstract clearKeysOf(userId: number, signal?: AbortSignal): Promise<void>;
}
