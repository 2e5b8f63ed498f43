import type { NanoUsd } from '../../shared/money.js';
import type { NewLoggedCall } from './call-record.js';
import type { LoggedCall, UsageHour } from './logged-call.entity.js';

/** Which requests to show; null is any. */
export interface LogFilter {
  clientKeyId: number | null;
  upstreamId: number | null;
  statusCode: number | null;
  model: string | null;
  /** Both ends are included. */
  from: Date | null;
  to: Date | null;
}

/** What a provider has said later about a call. */
export interface LateUsage {
  promptTokens: number | null;
  completionTokens: number | null;
  cachedTokens: number | null;
  reasoningTokens: number | null;
  cost: NanoUsd;
  byokCost: NanoUsd | null;
}

/** A call of which the provider may be asked what it has cost. */
export type DueCall = Pick<
  LoggedCall,
  | 'id'
  | 'clientKeyId'
  | 'model'
  | 'promptTokens'
  | 'completionTokens'
  | 'totalTokens'
  | 'cachedTokens'
  | 'reasoningTokens'
  | 'createdAt'
  | 'settleTries'
  | 'settlement'
  | 'cost'
  | 'booked'
  | 'bookedPeriod'
  | 'bookedOn'
> & { upstreamId: number; generationId: string; settleAt: Date };

/** What a client key has used. */
export type KeyTotals = Omit<UsageHour, 'hour' | 'clientKeyId' | 'upstreamId' | 'model' | 'failed'>;

/** Every request to the gateway, and what they add up to by the hour. Writing belongs into a unit of work. */
export abstract class RequestLogRepository {
  abstract append(calls: readonly NewLoggedCall[]): Promise<void>;
  /** And to the days of their upstreams. */
  abstract addToHours(hours: readonly UsageHour[]): Promise<void>;
  /** Moves the last use of client keys, by id, forward. */
  abstract recordUses(uses: ReadonlyMap<number, Date>): Promise<void>;

  /** Newest first; pages count from 1. */
  abstract page(filter: LogFilter, page: number, size: number): Promise<{ items: LoggedCall[]; total: number }>;
  abstract totalsOf(clientKeyId: number, sinceHour?: string): Promise<KeyTotals>;

  /** Calls that came since then whose provider is to be asked by now what they cost, longest due first. */
  abstract listDue(now: Date, most: number, since: Date): Promise<DueCall[]>;
  /** Whoever may ask now: the next one may at `next`, or nobody. Returns false if somebody else was faster. */
  abstract claim(call: DueCall, next: Date | null): Promise<boolean>;
  /** Writes down what a call cost; returns false, and does nothing, if somebody else was faster. */
  abstract settle(call: DueCall, usage: LateUsage): Promise<boolean>;

  /** Removes up to `most` of the requests before an instant; returns how many. */
  abstract removeBefore(instant: Date, most: number): Promise<number>;
}
