import type { NanoUsd } from '../../shared/money.js';
import type { Day } from '../../shared/time/period.js';
import type { BudgetPeriod } from '../client-keys/client-key.entity.js';
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
  /** What the call cost, as far as that is known. */
  readonly cost: NanoUsd | null;
  /** `settled` when the provider said what the call cost, `estimated` when the list of prices does. */
  readonly settlement: 'settled' | 'estimated' | 'unknown';
  /** By which the provider knows the call, if it came that far. */
  readonly generationId: string | null;
  /** True once the upstream may have begun to work, and so to charge. */
  readonly reachedUpstream: boolean;
  /** A stable word (`bad_gateway`, `client_closed`); null when all went well. */
  readonly error: string | null;
}

/** What a budget was charged for a call, and in which of its windows. */
export interface Booking {
  readonly period: BudgetPeriod;
  readonly startsOn: Day;
  readonly amount: NanoUsd;
}

/** Where every request to the gateway ends up, exactly once and whatever happened to it. */
export abstract class CallLedger {
  /** A request has come. */
  abstract begin(): void;

  /** `booking` is what the budget of the client key was charged. Takes the call and returns at once; it never throws. What is slow happens later. */
  abstract record(call: Call, booking: Booking | null): void;
}
