import type { TokenUsage } from './metering/token-usage.js';

/** What is kept of one request to the gateway; never a body, a query string or a secret. */
export interface Call {
  readonly startedAt: Date;
  /** Null where the request came without a valid key. */
  readonly clientKeyId: number | null;
  readonly upstreamId: number | null;
  readonly method: string;
  readonly path: string;
  /** The model that was asked for, or else the one that the answer names. */
  readonly model: string | null;
  readonly isStream: boolean;
  /** What the client was answered; 0 if it left before. */
  readonly statusCode: number;
  readonly durationMs: number;
  /** Until the first byte of the answer's body. */
  readonly ttftMs: number | null;
  /** What is not known is null, never zero. */
  readonly usage: TokenUsage;
  /** `settled` when the provider said what the call cost. */
  readonly settlement: 'settled' | 'unknown';
  /** By which the provider knows the call, if it came that far. */
  readonly generationId: string | null;
  /** True once the upstream may have begun to work, and so to charge. */
  readonly reachedUpstream: boolean;
  /** A stable word (`bad_gateway`, `client_closed`); null when all went well. */
  readonly error: string | null;
}

/** Where every request to the gateway ends up, exactly once and whatever happened to it. */
export abstract class CallLedger {
  /** Takes the call and returns at once; it never throws. What is slow happens later. */
  abstract record(call: Call): void;
}
