import { createHash, hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits as 43 base64url characters. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored in place of a secret of 128 or more random bits: its SHA-256, as 64 hex characters. */
export function fingerprint(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Compares two secrets in a time that tells nothing about where they differ. */
export function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());
}
