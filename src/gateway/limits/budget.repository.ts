import type { NanoUsd } from '../../shared/money.js';
import type { BudgetWindow, WindowPlace } from './budget-window.js';

/** A part of a client key's budget that is held back for a call under way. */
export interface Reservation {
  id: string;
  clientKeyId: number;
  window: BudgetWindow;
  amount: NanoUsd;
  /** Given back then, if the call has not been settled: the process that made it is gone. */
  expiresAt: Date;
}

/** What of a budget is used up, and what is held back for calls under way. */
export interface BudgetStanding {
  spent: NanoUsd;
  reserved: NanoUsd;
}

/** What client keys have spent in the current windows of their budgets. Writing belongs into a unit of work. */
export abstract class BudgetRepository {
  /**
   * Holds the amount back if the budget is not used up; returns whether it did. Exact, however many instances ask: a
   * budget is overdrawn by one reservation at most.
   */
  abstract reserve(reservation: Reservation, budget: NanoUsd): Promise<boolean>;

  /** Gives the amount back and books what the call has cost. */
  abstract settle(reservation: Reservation, cost: NanoUsd): Promise<void>;

  /** A call that was booked before has cost so much more, or less where it is negative. */
  abstract correct(clientKeyId: number, window: WindowPlace, difference: NanoUsd): Promise<void>;

  /** Gives back what was held for calls that nobody will settle any more, of one client key or of all. */
  abstract releaseExpired(now: Date, clientKeyId?: number): Promise<{ calls: number; amount: NanoUsd }>;

  abstract standing(clientKeyId: number, window: WindowPlace): Promise<BudgetStanding>;
}
