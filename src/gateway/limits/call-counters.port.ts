/** Tokens that a client key has used in its current minute. */
export interface TokenMinute {
  tokens: number;
  /** Whole seconds until the minute ends, at least 1. */
  secondsLeft: number;
}

/** Counts tokens by the minute and calls that run at the same time, per client key. A minute begins with its first use. */
export abstract class CallCounters {
  abstract tokenMinute(clientKeyId: number): Promise<TokenMinute>;
  abstract addTokens(clientKeyId: number, tokens: number): Promise<void>;

  /**
   * Takes one of `most` places; returns whether one was free. Exact under concurrency. A place that is never given back,
   * because its process died, is free again after `longestMs`.
   */
  abstract enter(clientKeyId: number, callId: string, most: number, longestMs: number): Promise<boolean>;
  abstract leave(clientKeyId: number, callId: string): Promise<void>;
}
