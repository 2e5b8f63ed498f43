import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/time/clock.port.js';
import { DomainError, Overloaded, TooManyRequests } from '../../shared/errors.js';
import { RateLimitStore } from '../../shared/limits/rate-limit.port.js';
import type { KeyLimits } from '../client-keys/client-key.entity.js';
import { GatewayPicture } from '../directories/gateway-picture.js';
import type { Call } from '../proxy/call-ledger.port.js';
import { type Admission, CallLimits } from '../proxy/call-limits.port.js';
import type { CallRequest } from '../proxy/requests/call-request.js';
import type { ClientKey } from '../proxy/access/client-key-directory.port.js';
import { ProxyRefusal } from '../proxy/refusals/proxy-refusal.js';
import type { Upstream } from '../proxy/access/upstream-directory.port.js';
import { isUnsettled } from '../request-logs/call-record.js';
import { BudgetDesk } from './budget-desk.js';
import { windowOf } from './budget-window.js';
import type { Reservation } from './budget.repository.js';
import { amountToReserve } from './call-estimate.js';
import { matchesPattern } from './model-pattern.js';
import { TokenWindows } from './token-windows.js';

const MINUTE_SECONDS = 60;
/** No call lasts as long; what is still reserved then was lost with the process that made it. */
const LONGEST_CALL_MS = 3_600_000;

const UNLIMITED: Admission = { settle: () => undefined };

/** Counts what client keys do: requests, tokens and calls at once on this instance, budgets over all instances. */
@Injectable()
export class CountedCallLimits extends CallLimits {
  private readonly running = new Map<number, number>();

  constructor(
    private readonly picture: GatewayPicture,
    private readonly counters: RateLimitStore,
    private readonly tokens: TokenWindows,
    private readonly desk: BudgetDesk,
    private readonly clock: Clock,
  ) {
    super();
  }

  async admit(key: ClientKey, _upstream: Upstream, request: CallRequest): Promise<Admission> {
    const limits = this.picture.keyById(key.id)?.limits;
    if (!limits || !Object.values(limits).some((limit) => limit !== null)) return UNLIMITED;
    checkModels(limits, request);
    this.tokens.check(key.id, limits.tpm);
    const leave = this.enter(key.id, limits.maxParallel);
    try {
      await this.countRequest(key.id, limits.rpm);
      const reservation = await this.reserve(key.id, limits, request);
      return { settle: (call) => this.settle(call, key.id, limits, reservation, leave) };
    } catch (error) {
      leave();
      throw error;
    }
  }

  private enter(keyId: number, most: number | null): () => void {
    if (most === null) return () => undefined;
    const running = this.running.get(keyId) ?? 0;
    if (running >= most) throw new TooManyCalls(most);
    this.running.set(keyId, running + 1);
    return () => {
      const left = this.running.get(keyId)! - 1;
      if (left > 0) this.running.set(keyId, left);
      else this.running.delete(keyId);
    };
  }

  private async countRequest(keyId: number, rpm: number | null): Promise<void> {
    if (rpm === null) return;
    const { allowed, secondsLeft } = await this.counters.hit(`client-key:${keyId}`, rpm, MINUTE_SECONDS);
    if (!allowed)
      throw new TooManyRequests(`This client key may make ${rpm} requests a minute. Wait a moment.`, secondsLeft);
  }

  private async reserve(keyId: number, limits: KeyLimits, request: CallRequest): Promise<Reservation | null> {
    const { budget, budgetPeriod } = limits;
    // Reading models and the like costs nothing, and a holder whose budget is used up may still do it.
    if (budget === null || budgetPeriod === null || request.method !== 'POST') return null;
    const now = this.clock.now();
    const reservation = {
      id: randomUUID(),
      clientKeyId: keyId,
      window: windowOf(budgetPeriod, now),
      amount: amountToReserve(request),
      expiresAt: new Date(now.getTime() + LONGEST_CALL_MS),
    };
    const isHeld = await this.desk.reserve(reservation, budget).catch(() => {
      throw new Overloaded('The budget of this client key cannot be checked now. Try again in a moment.');
    });
    if (!isHeld) throw budgetExceeded(reservation.window.endsAt, now);
    return reservation;
  }

  private settle(
    call: Call,
    keyId: number,
    limits: KeyLimits,
    reservation: Reservation | null,
    leave: () => void,
  ): void {
    leave();
    if (limits.tpm !== null) this.tokens.add(keyId, call.usage.totalTokens ?? 0);
    if (!reservation) return;
    // What nobody has told counts as much as was reserved: unknown is not nothing.
    const usual = isUnsettled(call) ? reservation.amount : 0n;
    this.desk.settle(reservation, call.usage.cost ?? usual);
  }
}

function checkModels({ models }: KeyLimits, { model, fallbackModels, method }: CallRequest): void {
  if (models === null || method === 'GET') return;
  const asked = [...(model === null ? [] : [model]), ...fallbackModels];
  const isAllowed = (name: string) => models.some((pattern) => matchesPattern(pattern, name));
  if (asked.length === 0 || !asked.every(isAllowed)) throw new ModelNotAllowed();
}

function budgetExceeded(endsAt: Date, now: Date): ProxyRefusal {
  const seconds = Math.max(1, Math.ceil((endsAt.getTime() - now.getTime()) / 1000));
  const message = `The budget of this client key is used up until ${endsAt.toISOString()}. Ask an admin for more.`;
  return new ProxyRefusal(402, 'budget_exceeded', message, ['retry-after', String(seconds)]);
}

/** The key may only use certain models, and this is none of them. */
export class ModelNotAllowed extends DomainError {
  readonly refusal = 'forbidden';
  readonly code = 'model_not_allowed';

  constructor() {
    super('This client key may not use that model. Name one that it may use, or ask an admin.');
  }
}

/** The key has as many calls under way as it may have. */
export class TooManyCalls extends DomainError {
  readonly refusal = 'too-many';
  readonly code = 'too_many_parallel_calls';

  constructor(most: number) {
    super(`This client key may make ${most} calls at the same time. Wait until one is over.`, { retryAfter: 1 });
  }
}
