import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError, TooManyRequests } from '../../shared/errors.js';
import { RateLimitStore } from '../../shared/limits/rate-limit.port.js';
import type { KeyLimits } from '../client-keys/client-key.entity.js';
import { GatewayPicture } from '../directories/gateway-picture.js';
import type { ClientKey } from '../proxy/access/client-key-directory.port.js';
import type { Upstream } from '../proxy/access/upstream-directory.port.js';
import type { Booking, Call } from '../proxy/call-ledger.port.js';
import { type Admission, CallLimits } from '../proxy/call-limits.port.js';
import type { CallRequest } from '../proxy/requests/call-request.js';
import type { Reservation } from './budget.repository.js';
import { CallBudgets, LONGEST_CALL_MS } from './call-budgets.js';
import { CallCounters } from './call-counters.port.js';
import { matchesPattern } from './model-pattern.js';

const MINUTE_SECONDS = 60;

const UNLIMITED: Admission = { settle: () => null };

/** Counts what client keys do: requests, tokens and calls at once where the counters are kept, budgets in the database. */
@Injectable()
export class CountedCallLimits extends CallLimits {
  constructor(
    private readonly picture: GatewayPicture,
    private readonly rates: RateLimitStore,
    private readonly counters: CallCounters,
    private readonly budgets: CallBudgets,
  ) {
    super();
  }

  async admit(key: ClientKey, upstream: Upstream, request: CallRequest): Promise<Admission> {
    const limits = this.picture.keyById(key.id)?.limits;
    if (!limits || !Object.values(limits).some((limit) => limit !== null)) return UNLIMITED;
    checkModels(limits, request);
    await this.checkTokens(key.id, limits.tpm);
    const leave = await this.enter(key.id, limits.maxParallel);
    try {
      await this.countRequest(key.id, limits.rpm);
      const reservation = await this.budgets.reserve(key.id, limits, upstream.provider, request);
      return { settle: (call) => this.settle(call, key.id, limits, reservation, leave) };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** A call is let in while the minute's tokens are not used up: how many it will use nobody knows before. */
  private async checkTokens(keyId: number, tpm: number | null): Promise<void> {
    if (tpm === null) return;
    const { tokens, secondsLeft } = await this.counters.tokenMinute(keyId);
    if (tokens < tpm) return;
    throw new TooManyRequests(`This client key may use ${tpm} tokens a minute. Wait a moment.`, secondsLeft);
  }

  private async enter(keyId: number, most: number | null): Promise<() => void> {
    if (most === null) return () => undefined;
    const callId = randomUUID();
    if (!(await this.counters.enter(keyId, callId, most, LONGEST_CALL_MS))) throw new TooManyCalls(most);
    // A place that cannot be given back now runs out by itself.
    return () => void this.counters.leave(keyId, callId).catch(() => undefined);
  }

  private async countRequest(keyId: number, rpm: number | null): Promise<void> {
    if (rpm === null) return;
    const { allowed, secondsLeft } = await this.rates.hit(`client-key:${keyId}`, rpm, MINUTE_SECONDS);
    if (!allowed)
      throw new TooManyRequests(`This client key may make ${rpm} requests a minute. Wait a moment.`, secondsLeft);
  }

  private settle(
    call: Call,
    keyId: number,
    limits: KeyLimits,
    reservation: Reservation | null,
    leave: () => void,
  ): Booking | null {
    leave();
    const { totalTokens } = call.usage;
    if (limits.tpm !== null && totalTokens) void this.counters.addTokens(keyId, totalTokens).catch(() => undefined);
    return reservation && this.budgets.settle(reservation, call);
  }
}

function checkModels({ models }: KeyLimits, { model, fallbackModels, method }: CallRequest): void {
  if (models === null || method === 'GET') return;
  const asked = [...(model === null ? [] : [model]), ...fallbackModels];
  const isAllowed = (name: string) => models.some((pattern) => matchesPattern(pattern, name));
  if (asked.length === 0 || !asked.every(isAllowed)) throw new ModelNotAllowed();
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
