import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/time/clock.port.js';
import { Overloaded } from '../../shared/errors.js';
import type { KeyLimits } from '../client-keys/client-key.entity.js';
import type { Booking, Call } from '../proxy/call-ledger.port.js';
import { ProxyRefusal } from '../proxy/refusals/proxy-refusal.js';
import type { CallRequest } from '../proxy/requests/call-request.js';
import { isUnsettled } from '../request-logs/call-record.js';
import { BudgetDesk } from './budget-desk.js';
import { windowOf } from './budget-window.js';
import type { Reservation } from './budget.repository.js';
import { CallEstimate } from './call-estimate.js';

/** No call lasts as long; what is still reserved then was lost with the process that made it. */
const LONGEST_CALL_MS = 3_600_000;

/** Holds back what a call can cost before it is made, and books what it did cost after it. */
@Injectable()
export class CallBudgets {
  constructor(
    private readonly estimate: CallEstimate,
    private readonly desk: BudgetDesk,
    private readonly clock: Clock,
  ) {}

  /** Null for a call that no budget is charged for. Throws a 402 when the budget is used up. */
  async reserve(
    keyId: number,
    { budget, budgetPeriod }: KeyLimits,
    provider: string,
    request: CallRequest,
  ): Promise<Reservation | null> {
    // Reading models and the like costs nothing, and a holder whose budget is used up may still do it.
    if (budget === null || budgetPeriod === null || request.method !== 'POST') return null;
    const now = this.clock.now();
    const reservation = {
      id: randomUUID(),
      clientKeyId: keyId,
      window: windowOf(budgetPeriod, now),
      amount: this.estimate.amountFor(provider, request),
      expiresAt: new Date(now.getTime() + LONGEST_CALL_MS),
    };
    const isHeld = await this.desk.reserve(reservation, budget).catch(() => {
      throw new Overloaded('The budget of this client key cannot be checked now. Try again in a moment.');
    });
    if (!isHeld) throw budgetExceeded(reservation.window.endsAt, now);
    return reservation;
  }

  /** What nobody has told counts as much as was reserved: unknown is not nothing. */
  settle(reservation: Reservation, call: Call): Booking {
    const amount = call.cost ?? (isUnsettled(call) ? reservation.amount : 0n);
    this.desk.settle(reservation, amount);
    const { period, startsOn } = reservation.window;
    return { period, startsOn, amount };
  }
}

function budgetExceeded(endsAt: Date, now: Date): ProxyRefusal {
  const seconds = Math.max(1, Math.ceil((endsAt.getTime() - now.getTime()) / 1000));
  const message = `The budget of this client key is used up until ${endsAt.toISOString()}. Ask an admin for more.`;
  return new ProxyRefusal(402, 'budget_exceeded', message, ['retry-after', String(seconds)]);
}
