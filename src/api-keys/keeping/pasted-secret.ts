import { Unprocessable } from '../../shared/errors.js';

const LONGEST = 1024;
const LONGEST_PASTE = 4 * LONGEST;
const QUOTES = '"\'`´“”„‟‘’‚‛«»‹›';
/** Spaces that `\s` does not know: zero-width ones come along with text copied from web pages. */
const INVISIBLE = '\\u200B-\\u200D\\u2060\\uFEFF';
const AROUND = new RegExp(`^[\\s${QUOTES}${INVISIBLE}]+|[\\s${QUOTES}${INVISIBLE}]+$`, 'g');

/**
 * The key in what somebody pasted: without the spaces, quotes and "Bearer" around it. A key of an unusual shape is
 * accepted, as OpenRouter hands out more than one kind.
 */
export function secretIn(pasted: string): string {
  // Cut first: the patterns take long over long texts.
  const text = pasted.slice(0, LONGEST_PASTE).replaceAll(AROUND, '');
  const secret = text.replace(/^bearer(\s+|$)/i, '').replaceAll(AROUND, '');
  if (secret === '') throw refusal('The key is empty. Paste the whole key as OpenRouter showed it.');
  if (secret.length > LONGEST) throw refusal(`A key has ${LONGEST} characters at most. Paste the key alone.`);
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    throw refusal('The key contains spaces or characters that no key has. Paste the key alone, on one line.');
  }
  return secret;
}

function refusal(message: string): Unprocessable {
  return new Unprocessable({ field: 'key', message });
}
