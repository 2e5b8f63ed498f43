import type { Call } from './call-ledger.port.js';
import type { Admission } from './call-limits.port.js';
import type { CallPrices } from './call-prices.port.js';
import type { CallRequest } from './requests/call-request.js';
import type { ClientKey } from './access/client-key-directory.port.js';
import type { RequestBody } from './requests/request-body.js';
import { NOTHING_KNOWN } from './metering/token-usage.js';
import type { Outcome } from './forwarding/upstream-call.js';
import type { Upstream } from './access/upstream-directory.port.js';

const LONGEST_PATH = 255;
const SECRET_BEGINS = /sk-|or_api_/;
/** Whatever the kind, twelve characters of it may be seen. */
const SECRET = /(sk-[\w-]{9}|or_api_[\w-]{5})[\w-]+/g;

/** A request while it is served: what is known of it so far. */
export class CallInProgress {
  key: ClientKey | null = null;
  upstream: Upstream | null = null;
  request: CallRequest | null = null;
  body: RequestBody | null = null;
  admission: Admission | null = null;
  outcome: Outcome | null = null;
  /** Why the gateway turned it down, in a word. */
  refusal: string | null = null;
  private readonly began = performance.now();

  constructor(
    private readonly startedAt: Date,
    readonly method: string,
    /** As it will be shown to admins. */
    readonly path: string,
  ) {}

  /** What the ledger keeps. */
  conclude(statusCode: number, prices: CallPrices): Call {
    const { key, upstream, request, outcome } = this;
    const reading = outcome?.reading;
    const usage = reading?.usage ?? NOTHING_KNOWN;
    const models = [reading?.model ?? null, request?.model ?? null];
    const estimate = () => (reading && upstream ? prices.costOf(upstream.provider, models, usage) : null);
    const cost = usage.cost ?? estimate();
    return {
      startedAt: this.startedAt,
      clientKeyId: key?.id ?? null,
      upstreamId: upstream?.id ?? null,
      method: this.method,
      path: this.path,
      model: request?.model ?? reading?.model ?? null,
      isStream: (outcome?.isStream ?? false) || (request?.isStream ?? false),
      statusCode,
      durationMs: Math.round(performance.now() - this.began),
      ttftMs: outcome?.firstByteAt ? Math.round(outcome.firstByteAt - this.began) : null,
      usage,
      cost,
      settlement: cost === null ? 'unknown' : usage.cost === null ? 'estimated' : 'settled',
      generationId: outcome?.headerId ?? reading?.generationId ?? null,
      reachedUpstream: outcome?.wasSent ?? false,
      error: this.refusal ?? errorOf(outcome),
    };
  }
}

/** A request's address fit for the log: no query, and no more of a secret than its first characters. */
export function loggablePath(target: string, prefix: string): string {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const inside = path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
  const safe = SECRET_BEGINS.test(inside) ? inside.replaceAll(SECRET, '$1…') : inside;
  return safe.slice(0, LONGEST_PATH);
}

function errorOf(outcome: Outcome | null): string | null {
  if (!outcome) return null;
  if (outcome.ending !== 'complete') return outcome.ending;
  return outcome.reading?.hasError ? 'error_in_stream' : null;
}
