import type { KeyAnswer } from './open-router.port.js';
import { OpenRouterDenied, OpenRouterUnavailable } from './open-router.port.js';
import type { Reply } from './exchange.js';
import { KeyReading } from './key.wire.js';
import { ErrorAnswer } from './open-router.wire.js';

// The sentences are ours: what OpenRouter writes may contain anything and is for its eyes only.
const SENTENCES = {
  expired: 'OpenRouter says that this key has expired. Create a new one there and enter it here.',
  refused: 'OpenRouter does not accept this key: it is mistyped, deleted or disabled there.',
  blocked:
    "OpenRouter refuses requests from this server. Add its address to the account's IP allow-list, or check the account's policies.",
  noCredit: 'The OpenRouter account has no credit left. Add credit there.',
  busy: 'OpenRouter asks for fewer requests at the moment.',
  management: 'OpenRouter shows this only to a management key that may see the whole account.',
};

/** What the answer to `GET /key` says of the key. Only a 401 in OpenRouter's own words speaks against it. */
export function keyAnswerOf(reply: Reply): KeyAnswer {
  const { status } = reply;
  if (isTemporary(status)) {
    return { outcome: 'unreachable', detail: temporarySentence(status), retryAfterSeconds: reply.retryAfterSeconds };
  }
  if (!reply.isHtml) {
    if (status === 401) return refusal(reply);
    if (status === 403) return { outcome: 'blocked', detail: SENTENCES.blocked };
    if (status === 402) return { outcome: 'no_credit', detail: SENTENCES.noCredit };
    const reading = status === 200 ? KeyReading.safeParse(reply.body) : undefined;
    if (reading?.success) return { outcome: 'known', facts: reading.data };
  }
  return { outcome: 'unclear', detail: unclearSentence(status) };
}

/** What stands in the way of an answer that only a management key gets. */
export function failureOf(reply: Reply): OpenRouterDenied | OpenRouterUnavailable {
  const { status, isHtml, retryAfterSeconds } = reply;
  if (isTemporary(status)) return new OpenRouterUnavailable(temporarySentence(status), retryAfterSeconds);
  if (!isHtml && status === 401) return new OpenRouterDenied(401, SENTENCES.refused);
  if (!isHtml && status === 403) return new OpenRouterDenied(403, SENTENCES.management);
  return new OpenRouterUnavailable(unclearSentence(status), retryAfterSeconds);
}

/** A text that cannot stand in a header was never a key. */
export function isSendable(secret: string): boolean {
  return /^[\x21-\x7e]+$/.test(secret);
}

export const UNSENDABLE: KeyAnswer & { outcome: 'refused' } = {
  outcome: 'refused',
  expired: false,
  detail: 'This text cannot be a key: it is empty or has spaces or other characters that no key has.',
};

function refusal(reply: Reply): KeyAnswer {
  const said = ErrorAnswer.safeParse(reply.body).data ?? '';
  // Our own request was wrong; that says nothing of the key.
  if (/missing auth/i.test(said)) return { outcome: 'unclear', detail: unclearSentence(401) };
  const expired = /expired/i.test(said);
  return { outcome: 'refused', expired, detail: expired ? SENTENCES.expired : SENTENCES.refused };
}

function isTemporary(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function temporarySentence(status: number): string {
  return status === 429 ? SENTENCES.busy : `OpenRouter has a fault at the moment (status ${status}).`;
}

function unclearSentence(status: number): string {
  return `OpenRouter gave an answer that this service does not understand (status ${status}).`;
}
