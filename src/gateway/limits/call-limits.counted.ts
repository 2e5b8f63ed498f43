import { Injectable } from '@nestjs/common';
import { DomainError, Overloaded, TooManyRequests } from '../../shared/errors.js';
import { CallCounters, type CallEntry } from '../../shared/limits/call-counters.port.js';
import type { KeyLimits } from '../client-keys/client-key.entity.js';
import { GatewayPicture } from '../directories/gateway-picture.js';
import type { ClientKey } from '../proxy/access/client-key-directory.port.js';
import type { Upstream } from '../proxy/access/upstream-directory.port.js';
import type { Booking, Call } from '../proxy/call-ledger.port.js';
import { type Admission, CallLimits } from '../proxy/call-limits.port.js';
import type { CallRequest } from '../proxy/requests/call-request.js';
import type { Reservation } from './budget.repository.js';
import { CallBudgets } from './call-budgets.js';
import { matchesPattern } from './model-pattern.js';

const UNLIMITED: Admission = { settle: () => null };

/** Counts what client keys do: requests, tokens and calls at once where the counters are kept, budgets in the database. */
@Injectable()
export class CountedCallLimits extends CallLimits {
  constructor(
    private readonly picture: GatewayPicture,
    private readonly counters: CallCounters,
    private readonly budgets: CallBudgets,
  ) {
    super();
  }

  async admit(key: ClientKey, upstream: Upstream, request: CallRequest): Promise<Admission> {
    const limits = this.picture.keyById(key.id)?.limits;
    if (!limits || !Object.values(limits).some((limit) => limit !== null)) return UNLIMITED;
    checkModels(limits, request);
    const hasPlace = await this.enter(key.id, limits);
    try {
      const reservation = await this.budgets.reserve(key.id, limits, upstream.provider, request);
      return { settle: (call) => this.settle(call, key.id, limits, reservation, hasPlace) };
    } catch (error) {
      this.counters.leave(nameOf(key.id), hasPlace, 0);
      throw error;
    }
  }

  /** Returns whether the call has a place, which it has to give back. */
  private async enter(keyId: number, limits: KeyLimits): Promise<boolean> {
    const { rpm, tpm, maxParallel } = limits;
    if (rpm === null && tpm === null && maxParallel === null) return false;
    const entry = await this.ask(keyId, limits);
    if (entry.refusedBy === null) return entry.hasPlace;
    if (entry.refusedBy === 'places') throw new TooManyCalls(maxParallel!);
    const most = entry.refusedBy === 'tokens' ? `use ${tpm} tokens` : `make ${rpm} requests`;
    throw new TooManyRequests(`This client key may ${most} a minute. Wait a moment.`, entry.secondsLeft);
  }

  private async ask(keyId: number, limits: KeyLimits): Promise<CallEntry> {
    try {
      return await this.counters.enter(nameOf(keyId), limits);
    } catch {
      throw new Overloaded('The limits of this client key cannot be checked now. Try again in a moment.');
    }
  }

  private settle(
    call: Call,
    keyId: number,
    limits: KeyLimits,
    reservation: Reservation | null,
    hasPlace: boolean,
  ): Booking | null {
    const tokens = limits.tpm === null ? 0 : (call.usage.totalTokens ?? 0);
    this.counters.leave(nameOf(keyId), hasPlace, tokens);
    return reservation && this.budgets.settle(reservation, call);
  }
}

function nameOf(keyId: number): string {
  return `client-key:${keyId}`;
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
