/** What is left of an allowance after a hit. */
export interface Allowance {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** Whole seconds until the window ends, at least 1. */
  secondsLeft: number;
  /** When the window ends, in milliseconds since 1970: what tells it from the next one of that name. */
  endsAt: number;
}

/**
 * Counts what happens per name within a window of time. A window opens with its first hit and ends `windowSeconds` later.
 * Exact under concurrency: of any number of hits at once, exactly `limit` are allowed.
 *
 * A name is `kind:name`, `login-address:203.0.113.7`. There are few kinds, and names of one that strangers can make up
 * never crowd out those of another.
 */
export abstract class RateLimitStore {
  abstract hit(name: string, limit: number, windowSeconds: number): Promise<Allowance>;

  /** What a hit would find now; counts nothing. */
  abstract peek(name: string, limit: number, windowSeconds: number): Promise<Allowance>;

  /** Undoes one hit, as long as the window that counted it is open: what it was counted for did not happen. */
  abstract takeBack(name: string, hit: Allowance): Promise<void>;

  /** Closes the window of this name: the next hit opens a new one. */
  abstract forget(name: string): Promise<void>;
}
