import type { NanoUsd } from '../../shared/money.js';
import type { Hour } from '../../shared/time/hour.js';
import type { Day } from '../../shared/time/period.js';
import type { BudgetPeriod } from '../client-keys/client-key.entity.js';

/**
 * `settled`: the provider said what the call cost; `estimated`: the list of prices says it for the tokens that the provider
 * counted. `unknown` is never counted as zero.
 */
export type Settlement = 'settled' | 'estimated' | 'unknown';

/** What is told of one request to the gateway, whatever became of it. Outlives its client key and its upstream. */
export class LoggedCall {
  readonly id!: number;
  readonly clientKeyId!: number | null;
  readonly upstreamId!: number | null;
  readonly method!: string;
  readonly path!: string;
  readonly model!: string | null;
  readonly promptTokens!: number | null;
  readonly completionTokens!: number | null;
  readonly totalTokens!: number | null;
  readonly cachedTokens!: number | null;
  readonly reasoningTokens!: number | null;
  readonly cost!: NanoUsd | null;
  readonly byokCost!: NanoUsd | null;
  readonly settlement!: Settlement;
  readonly generationId!: string | null;
  /** 0 where the client was answered nothing. */
  readonly statusCode!: number;
  readonly durationMs!: number;
  readonly ttftMs!: number | null;
  readonly isStream!: boolean;
  readonly errorMessage!: string | null;
  readonly createdAt!: Date;
  /** When the provider is asked next what it cost; null where there is nothing to ask. */
  readonly settleAt!: Date | null;
  /** How often it was asked so far. */
  readonly settleTries!: number;
  /** What its key's budget was charged for it so far, and in which window; null where nothing may still change that. */
  readonly booked!: NanoUsd | null;
  readonly bookedPeriod!: BudgetPeriod | null;
  readonly bookedOn!: Day | null;
}

/** What came of a client key's calls to one model of one upstream within an hour; '' stands for no model. */
export class UsageHour {
  readonly hour!: Hour;
  readonly clientKeyId!: number;
  readonly upstreamId!: number;
  readonly model!: string;
  readonly requests!: number;
  readonly failed!: number;
  readonly promptTokens!: number;
  readonly completionTokens!: number;
  readonly cachedTokens!: number;
  readonly reasoningTokens!: number;
  readonly cost!: NanoUsd;
  readonly byokCost!: NanoUsd;
  /** Calls of which nobody has said yet what they cost. */
  readonly unsettled!: number;
}

/** What the calls to one upstream have cost within a day, UTC. */
export class SpendDay {
  readonly upstreamId!: number;
  readonly date!: Day;
  readonly cost!: NanoUsd;
}

/** What of a call counts for its hour. */
export type HourFigures = Omit<UsageHour, 'hour' | 'clientKeyId' | 'upstreamId' | 'model'>;
