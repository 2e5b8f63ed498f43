import type { CallRequest } from './requests/call-request.js';
import type { Booking, Call } from './call-ledger.port.js';
import type { ClientKey } from './access/client-key-directory.port.js';
import type { Upstream } from './access/upstream-directory.port.js';

/** A place under a key's limits, held while its call runs. */
export interface Admission {
  /** Called exactly once, when the call is over; returns what the key's budget is charged for it. Never throws. */
  settle(call: Call): Booking | null;
}

/** Holds client keys to their limits: requests and tokens a minute, calls at once, models, budget. */
export abstract class CallLimits {
  /** Throws a DomainError (`too-many` with `retryAfter`, `forbidden`, …) when the key may not make this call now. */
  abstract admit(key: ClientKey, upstream: Upstream, request: CallRequest): Promise<Admission>;
}
