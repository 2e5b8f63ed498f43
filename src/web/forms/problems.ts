import { DomainError, type Refusal } from '../../shared/errors.js';
import { problemOf } from '../../shared/http/problem.js';

/** Why a form was not accepted, each thing where it belongs. */
export interface Problems {
  status: number;
  /** By the name of the field. */
  fields: Readonly<Record<string, string>>;
  /** What no field is to blame for. */
  general: string | null;
  /** The field that gets the focus. */
  first: string | null;
  retryAfter?: number;
}

/** What whoever filled in a form can do nothing about, or what gets a page of its own. */
const NOT_MENDABLE: readonly Refusal[] = ['not-found', 'forbidden'];

/**
 * What is wrong with a form, from what its use case threw. `shown`: the fields of the form, in their order; `blamed`: the
 * field that a code is about, where the refusal itself names none. What cannot be mended in the form is thrown again.
 */
export function problemsOf(
  thrown: unknown,
  shown: readonly string[],
  blamed: Readonly<Record<string, string>> = {},
): Problems {
  if (!(thrown instanceof DomainError) || NOT_MENDABLE.includes(thrown.refusal)) throw thrown;
  const culprit = blamed[thrown.code];
  const errors = thrown.errors ?? (culprit ? [{ field: culprit, message: thrown.message }] : []);
  const known = errors.filter(({ field }) => shown.includes(field));
  const others =
    errors.length === 0
      ? [thrown.message]
      : errors.filter((error) => !known.includes(error)).map(({ message }) => message);
  const fields = Object.fromEntries(known.map(({ field, message }) => [field, inWords(message, field)]));
  return {
    status: problemOf(thrown).status,
    fields,
    general: others.length > 0 ? others.join(' ') : null,
    first: shown.find((name) => name in fields) ?? null,
    retryAfter: thrown.retryAfter,
  };
}

/** Fields that people call otherwise than the API does. */
const WORDS: Readonly<Record<string, string>> = {
  email: 'e-mail address',
  expires_at: 'expiry',
  base_url: 'address',
  api_key: 'key',
  api_key_id: 'registered key',
  upstream_ids: 'list of upstreams',
  rpm: 'limit of requests',
  tpm: 'limit of tokens',
  max_parallel: 'limit of requests at once',
  budget_usd: 'budget',
  start_time: 'beginning',
  end_time: 'end',
};

/** The API speaks of `new_password`, or of `rpm` where the field is `limits.rpm`; people do not. */
function inWords(message: string, field: string): string {
  const name = field.slice(field.lastIndexOf('.') + 1);
  if (!message.startsWith(name)) return message;
  return `The ${WORDS[name] ?? name.replaceAll('_', ' ')}${message.slice(name.length)}`;
}
