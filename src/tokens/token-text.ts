import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIX = 'or_api_';
const RANDOM_CHARACTERS = 43;
const CHECKSUM_CHARACTERS = 6;
const SHAPE = new RegExp(`^${PREFIX}[0-9A-Za-z]{${RANDOM_CHARACTERS + CHECKSUM_CHARACTERS}}$`);

/** The largest multiple of 62 that a byte can count to: bytes from there on would favour some characters. */
const FAIR_BYTES = 256 - (256 % ALPHABET.length);

/** A new API token: `or_api_`, 43 random base62 characters (256 bits) and a checksum of six (docs/api-tokens.md). */
export function newTokenText(): string {
  const text = PREFIX + randomCharacters(RANDOM_CHARACTERS);
  return text + checksumOf(text);
}

/** Whether the text can be an API token at all: shape and checksum are right. Says nothing about its being in use. */
export function isTokenText(text: string): boolean {
  return SHAPE.test(text) && checksumOf(text.slice(0, -CHECKSUM_CHARACTERS)) === text.slice(-CHECKSUM_CHARACTERS);
}

function randomCharacters(count: number): string {
  let characters = '';
  while (characters.length < count) {
    for (const byte of randomBytes(count)) {
      if (byte < FAIR_BYTES && characters.length < count) characters += ALPHABET[byte % ALPHABET.length];
    }
  }
  return characters;
}

function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < CHECKSUM_CHARACTERS; place++) {
    digits = ALPHABET[rest % ALPHABET.length] + digits;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return digits;
}
