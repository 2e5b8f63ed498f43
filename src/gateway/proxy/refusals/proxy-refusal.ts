import { DomainError, type Refusal } from '../../../shared/errors.js';

const STATUS: Record<Refusal, number> = {
  invalid: 400,
  unprocessable: 422,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-many': 429,
  unavailable: 503,
};

/** The gateway itself, not the upstream, turns a request down. */
export class ProxyRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** More headers of the answer, name and value in turn. */
    readonly headers: readonly string[] = [],
  ) {
    super(message);
    this.name = 'ProxyRefusal';
  }
}

/** What a request is answered when `error` ended it; null for a bug, of which nobody is told more than that there is one. */
export function refusalOf(error: unknown): ProxyRefusal | null {
  if (error instanceof ProxyRefusal) return error;
  if (!(error instanceof DomainError)) return null;
  const headers = error.retryAfter === undefined ? [] : ['retry-after', String(error.retryAfter)];
  return new ProxyRefusal(STATUS[error.refusal], error.code, error.message, headers);
}

/** HTTP that two readers could understand in two ways; the connection ends with it. */
export function ambiguous(message: string): ProxyRefusal {
  return new ProxyRefusal(400, 'ambiguous_request', message, ['connection', 'close']);
}
