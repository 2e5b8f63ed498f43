/** Why a request is turned down; the HTTP filter knows which status each one is. */
export type Refusal =
  'invalid' | 'unprocessable' | 'unauthorized' | 'forbidden' | 'not-found' | 'conflict' | 'too-many' | 'unavailable';

/** One thing that is wrong with one field of a request. */
export interface FieldError {
  field: string;
  message: string;
}

/** What a refusal may tell besides its sentence. */
export interface RefusalDetails {
  /** Which fields are wrong; the sender can mend them. */
  errors?: FieldError[];
  /** Whole seconds after which the same request may succeed. */
  retryAfter?: number;
}

/**
 * The business says no. `message` is a sentence for people that says what to do next,
 * `code` a stable word for programs (`key_limit_reached`).
 */
export abstract class DomainError extends Error {
  abstract readonly refusal: Refusal;
  abstract readonly code: string;
  readonly errors?: FieldError[];
  readonly retryAfter?: number;

  constructor(message: string, details: RefusalDetails = {}) {
    super(message);
    this.name = new.target.name;
    this.errors = details.errors;
    this.retryAfter = details.retryAfter;
  }
}

/** Nothing of that id exists. */
export class NotFound extends DomainError {
  readonly refusal = 'not-found';
  readonly code = 'not_found';

  constructor(what: string) {
    super(`There is no such ${what}.`);
  }
}

/** What this belongs to, an account or a key, was removed while it was being done. */
export class OwnerGone extends DomainError {
  readonly refusal = 'conflict';
  readonly code = 'gone';

  constructor() {
    super('What this belongs to was removed in the meantime. Look at what is left.');
  }
}

/** It exists and belongs to somebody else. */
export class NotYours extends DomainError {
  readonly refusal = 'forbidden';
  readonly code = 'forbidden';

  constructor(what: string) {
    super(`This ${what} belongs to somebody else.`);
  }
}

/** Returns `found` if it exists and belongs to `userId`; otherwise throws what the caller must answer. */
export function owned<T extends { readonly userId: number }>(found: T | null, userId: number, what: string): T {
  if (!found) throw new NotFound(what);
  if (found.userId !== userId) throw new NotYours(what);
  return found;
}

/** The fields are well-formed, but what they say cannot be accepted. */
export class Unprocessable extends DomainError {
  readonly refusal = 'unprocessable';
  readonly code = 'validation_failed';

  constructor(...errors: FieldError[]) {
    super(errors.map((error) => error.message).join(' '), { errors });
  }
}

/** Too much is going on right now; nothing is wrong with the request. */
export class Overloaded extends DomainError {
  readonly refusal = 'unavailable';
  readonly code = 'overloaded';

  constructor(message = 'The service is busy. Try again in a moment.', retryAfter = 1) {
    super(message, { retryAfter });
  }
}

/** Somebody asked too often. */
export class TooManyRequests extends DomainError {
  readonly refusal = 'too-many';
  readonly code = 'rate_limited';

  constructor(message: string, retryAfter: number) {
    super(message, { retryAfter });
  }
}
