/** What goes wrong with a call. Made by `faults`, set by `simulator.fail(fault, where)`. */
export type Fault =
  | { kind: 'answer'; status: number; headers: Record<string, string>; body: string }
  | { kind: 'reset' }
  | { kind: 'hang' }
  | { kind: 'slow'; ms: number }
  /** The true answer, once something else has happened. */
  | { kind: 'held'; until: Promise<unknown> }
  /** Headers and half of the body come, the rest never does. */
  | { kind: 'stall' }
  /** The true answer cut in the middle, as if it were whole. */
  | { kind: 'cut' }
  | { kind: 'edit'; edit: (body: unknown) => unknown }
  /** A stream that ends with an error after some events. */
  | { kind: 'mid-stream'; afterEvents: number; error: StreamError | 'reset' };

export interface StreamError {
  code: number | string;
  message: string;
}

/** Where and how often. Nothing given: every call, for ever. */
export interface Where {
  /** `/key`, or a pattern: `/^\/keys/`. */
  path?: string | RegExp;
  method?: string;
  /** Only calls with this key. */
  key?: { secret: string };
  /** How many calls; for ever if not given. */
  times?: number;
  /** How many calls go well before. */
  after?: number;
}

const JSON_HEADERS = { 'content-type': 'application/json' };

const errorBody = (code: number, message: string, metadata?: Record<string, unknown>) =>
  JSON.stringify({ error: { message, code, ...(metadata ? { metadata } : {}) } });

const html = (status: number, title: string) =>
  `<!DOCTYPE html><html><head><title>openrouter.ai | ${title}</title></head><body><h1>Error ${status}</h1><p>Cloudflare Ray ID: 8f0</p></body></html>`;

/** The ways in which OpenRouter, or what lies before it, fails. */
export const faults = {
  status: (status: number, message = 'Something went wrong', headers: Record<string, string> = {}): Fault => ({
    kind: 'answer',
    status,
    headers: { ...JSON_HEADERS, ...headers },
    body: errorBody(status, message),
  }),
  /** A body of the test's own, as it stands. */
  answer: (status: number, body: string, headers: Record<string, string> = JSON_HEADERS): Fault => ({
    kind: 'answer',
    status,
    headers,
    body,
  }),
  serverError: (): Fault => faults.status(500, 'Internal Server Error'),
  /** `retryAfter` in seconds, or an HTTP date. */
  tooManyRequests: (retryAfter: number | string = 30): Fault =>
    faults.status(429, 'Rate limit exceeded', { 'retry-after': String(retryAfter) }),
  unavailable: (retryAfter: number | string = 30): Fault =>
    faults.status(503, 'No available provider', { 'retry-after': String(retryAfter) }),
  cloudflare: (status = 502): Fault => ({
    kind: 'answer',
    status,
    headers: { 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare', 'cf-ray': '8f0' },
    body: html(status, `${status}: Bad gateway`),
  }),
  /** A 401 for a key that is good. */
  falseUnauthorized: (message = 'User not found.'): Fault => faults.status(401, message),
  addressNotAllowed: (): Fault => faults.status(403, 'Your IP address is not on the allowlist of this account'),
  noCredit: (): Fault => ({
    kind: 'answer',
    status: 402,
    headers: JSON_HEADERS,
    body: errorBody(402, 'Insufficient credits. Add more using https://openrouter.ai/settings/credits', {
      limit_source: 'openrouter_credits',
    }),
  }),
  redirect: (location: string): Fault => faults.answer(302, '', { location }),
  brokenJson: (): Fault => ({ kind: 'cut' }),
  reset: (): Fault => ({ kind: 'reset' }),
  hang: (): Fault => ({ kind: 'hang' }),
  stall: (): Fault => ({ kind: 'stall' }),
  slow: (ms: number): Fault => ({ kind: 'slow', ms }),
  held: (until: Promise<unknown>): Fault => ({ kind: 'held', until }),
  /** The true answer, with these fields missing wherever they stand. */
  without: (...fields: string[]): Fault => ({ kind: 'edit', edit: (body) => mapObjects(body, fields, {}) }),
  /** The true answer, with fields in every object that nobody knows. */
  withUnknownFields: (): Fault => ({
    kind: 'edit',
    edit: (body) => mapObjects(body, [], { a_new_field: { nested: [1, 'two'] } }),
  }),
  /** The true answer, changed by the test. Money in it is a raw JSON number. */
  edit: <Body>(change: (body: Body) => unknown): Fault => ({ kind: 'edit', edit: (body) => change(body as Body) }),
  /** An error in the middle of a stream, after so many events. */
  midStream: (afterEvents = 2, code: number | string = 502, message = 'Provider disconnected'): Fault => ({
    kind: 'mid-stream',
    afterEvents,
    error: { code, message },
  }),
  midStreamReset: (afterEvents = 2): Fault => ({ kind: 'mid-stream', afterEvents, error: 'reset' }),
};

/** The event that tells a client of `path` that its stream goes wrong. */
export function failureEvent(path: string, { code, message }: StreamError): object {
  const error_type = 'provider_unavailable';
  if (path === '/messages') return { type: 'error', error: { type: 'api_error', message, error_type } };
  if (path === '/responses') {
    return {
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error', message }, error_type },
    };
  }
  const last = { index: 0, delta: { content: '' }, finish_reason: 'error' };
  return { error: { code, message, metadata: { error_type } }, choices: [last] };
}

/** A copy of an answer in which every object lost and gained some fields. */
function mapObjects(value: unknown, without: string[], extra: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, without, extra));
  if (typeof value !== 'object' || value === null || isRawJson(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !without.includes(name));
  return { ...Object.fromEntries(kept.map(([name, item]) => [name, mapObjects(item, without, extra)])), ...extra };
}

const { isRawJSON: isRawJson } = JSON as unknown as { isRawJSON(value: unknown): boolean };

/** The faults that are set, oldest first. */
export class FaultList {
  private readonly set: { fault: Fault; where: Where; left: number; spared: number }[] = [];

  add(fault: Fault, where: Where): () => void {
    const entry = { fault, where, left: where.times ?? Infinity, spared: where.after ?? 0 };
    this.set.push(entry);
    return () => void (entry.left = 0);
  }

  clear(): void {
    this.set.length = 0;
  }

  /** The fault that strikes this call, counted. */
  strike(method: string, path: string, secret: string | null): Fault | null {
    const matching = this.set.filter(({ where, left }) => left > 0 && matches(where, method, path, secret));
    for (const entry of matching) {
      if (entry.spared-- > 0) continue;
      entry.left--;
      return entry.fault;
    }
    return null;
  }
}

function matches(where: Where, method: string, path: string, secret: string | null): boolean {
  if (where.method && where.method !== method) return false;
  if (where.key && where.key.secret !== secret) return false;
  if (typeof where.path === 'string') return where.path === path;
  return where.path?.test(path) ?? true;
}
