/** What a client key may do; null is as much as it likes. */
export interface CallAllowance {
  /** Requests a minute. */
  rpm: number | null;
  /** Tokens a minute. */
  tpm: number | null;
  /** Calls at the same time. */
  maxParallel: number | null;
}

/** Whether a call may begin now. Whoever is let in with a place has to give it back. */
export type CallEntry =
  | { refusedBy: null; hasPlace: boolean }
  | {
      refusedBy: 'tokens' | 'places' | 'requests';
      /** Whole seconds until it is worth trying again, at least 1. */
      secondsLeft: number;
    };

/**
 * Counts requests and tokens by the minute and calls that run at the same time, by name, for all instances together. Exact
 * under concurrency. A minute begins with its first use. A call is let in while the minute's tokens are not used up: how
 * many it will use nobody knows before.
 */
export abstract class CallCounters {
  /** One question for everything; what is refused counts nothing. Answers without a promise where nobody else counts. */
  abstract enter(name: string, allowance: CallAllowance): CallEntry | Promise<CallEntry>;

  /** The call is over and has used so many tokens. Nobody waits for it, and it never fails. */
  abstract leave(name: string, hasPlace: boolean, tokens: number): void;
}
