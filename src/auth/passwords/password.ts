import { argon2, type Argon2Algorithm, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { compare } from 'bcryptjs';
import { Unprocessable } from '../../shared/errors.js';
import { COMMON_PASSWORDS } from './common-passwords.js';

/** How a password is hashed, beside its salt: memory in KiB, passes over it, lanes side by side. */
interface Cost {
  memory: number;
  passes: number;
  parallelism: number;
}

interface Argon2Hash extends Cost {
  algorithm: Argon2Algorithm;
  salt: Buffer;
  tag: Buffer;
}

const ALGORITHM = 'argon2id';
/** Above OWASP's least for argon2id (19 MiB, 2 passes), which a fast core does in less than 20 ms. */
const COST: Cost = { memory: 32_768, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** bcrypt reads no further. */
const BCRYPT_BYTES = 72;

const ARGON2 = /^\$(argon2(?:id|i|d))\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$([\w+/]+)\$([\w+/]+)$/;
const BCRYPT = /^\$2[aby]\$\d\d\$[./\w]{53}$/;

const derive = promisify(argon2);

/** Returns a PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive(ALGORITHM, { ...COST, message: password, nonce: salt, tagLength: TAG_BYTES });
  return phc(salt, tag);
}

/** Reads how the password was hashed from the hash itself. A hash of an unknown kind is nobody's. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  if (BCRYPT.test(hash)) return compare(password, hash);
  const stored = parse(hash);
  if (!stored) return false;
  const { algorithm, salt, tag, ...cost } = stored;
  const given = await derive(algorithm, { ...cost, message: password, nonce: salt, tagLength: tag.length });
  return timingSafeEqual(given, tag);
}

/** Whether `password`, which `hash` has just verified, should be hashed again, more strongly. */
export function needsUpgrade(password: string, hash: string): boolean {
  const stored = parse(hash);
  // bcrypt has not looked at the rest, so it could be anything: what it says nothing about must not become the password.
  if (!stored) return Buffer.byteLength(password) <= BCRYPT_BYTES;
  const { algorithm, memory, passes, parallelism } = stored;
  return algorithm !== ALGORITHM || memory < COST.memory || passes < COST.passes || parallelism !== COST.parallelism;
}

/** Costs as much to verify as a real hash, and no password fits: compared where there is no user. */
export const NOBODYS_HASH = phc(randomBytes(SALT_BYTES), randomBytes(TAG_BYTES));

/** Throws Unprocessable if the password is among the first that somebody would guess. There are no other rules. */
export function refuseWeakPassword(password: string, emailKey: string, field: 'password' | 'new_password'): void {
  const guess = password.toLowerCase();
  if (COMMON_PASSWORDS.has(guess)) {
    throw new Unprocessable({ field, message: 'This password is one of the most common ones. Choose another.' });
  }
  if (guess === emailKey) {
    throw new Unprocessable({ field, message: 'The password must not be the e-mail address. Choose another.' });
  }
}

function phc(salt: Buffer, tag: Buffer): string {
  const { memory, passes, parallelism } = COST;
  return `$${ALGORITHM}$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

function parse(hash: string): Argon2Hash | null {
  const [, algorithm, memory, passes, parallelism, salt, tag] = ARGON2.exec(hash) ?? [];
  if (!tag) return null;
  return {
    algorithm: algorithm as Argon2Algorithm,
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt!, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

/** PHC strings leave the padding out. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
