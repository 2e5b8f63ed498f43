import bcrypt from 'bcryptjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Unprocessable } from '../../shared/errors.js';
import { COMMON_PASSWORDS } from './common-passwords.js';
import { hashPassword, needsUpgrade, NOBODYS_HASH, refuseWeakPassword, verifyPassword } from './password.js';

/** From the tests of the reference implementation (phc-winner-argon2, src/test.c). */
const REFERENCE = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';

describe('a password', () => {
  it('#1 is hashed with argon2id and a salt of its own, as a PHC string', async () => {
    const [one, other] = await Promise.all([hashPassword('a password'), hashPassword('a password')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=32768,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(other);
    expect(await verifyPassword('a password', one)).toBe(true);
    expect(await verifyPassword('A password', one)).toBe(false);
    expect(needsUpgrade('a password', one)).toBe(false);
  });

  it('#1 verifies against a hash that another program has made', async () => {
    expect(await verifyPassword('password', REFERENCE)).toBe(true);
    expect(await verifyPassword('passwore', REFERENCE)).toBe(false);
    expect(needsUpgrade('password', REFERENCE)).toBe(false);
  });

  it.each([
    ['less memory', '$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
    ['fewer passes', '$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
    ['another variant', '$argon2i$v=19$m=65536,t=3,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
    ['more lanes', '$argon2id$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
  ])('#1 is hashed anew after %s', (_, hash) => {
    expect(needsUpgrade('password', hash)).toBe(true);
  });

  it.each(['$2a$', '$2b$', '$2y$'])('#1 verifies against a bcrypt hash %s', async (prefix) => {
    const hash = (await bcrypt.hash('an old password', 4)).replace(/^\$2.\$/, prefix);
    expect(await verifyPassword('an old password', hash)).toBe(true);
    expect(await verifyPassword('another password', hash)).toBe(false);
    expect(needsUpgrade('an old password', hash)).toBe(true);
  });

  it('#2 does not take over from bcrypt what bcrypt has not looked at', async () => {
    const hash = await bcrypt.hash('x'.repeat(80), 4);
    expect(await verifyPassword(`${'x'.repeat(72)}a different end`, hash)).toBe(true);
    expect(needsUpgrade(`${'x'.repeat(72)}a different end`, hash)).toBe(false);
  });

  it('#2 differs from every other one, wherever they differ', async () => {
    const long = 'y'.repeat(1000);
    const hash = await hashPassword(long);
    expect(await verifyPassword(long, hash)).toBe(true);
    expect(await verifyPassword(`${long.slice(0, -1)}z`, hash)).toBe(false);
    expect(await verifyPassword(long.slice(0, -1), hash)).toBe(false);
  });

  it('never fits the hash of nobody, which costs as much as any', async () => {
    expect(await verifyPassword('', NOBODYS_HASH)).toBe(false);
    expect(NOBODYS_HASH.split('$').slice(0, 4)).toEqual((await hashPassword('x')).split('$').slice(0, 4));
    expect(NOBODYS_HASH).toHaveLength((await hashPassword('x')).length);
  });

  it('fits no text that is no hash', async () => {
    const fitsNot = (hash: string) => verifyPassword('a password', hash).then((fits) => !fits);
    await fc.assert(fc.asyncProperty(fc.string(), fitsNot));
    expect(await verifyPassword('a password', '$argon2id$v=19$m=8,t=1,p=1$$')).toBe(false);
  });
});

describe('#3 a weak password', () => {
  it('is one of the 3000 most common ones, in any case', () => {
    expect(COMMON_PASSWORDS.size).toBeGreaterThanOrEqual(3000);
    for (const common of ['password1', '12345678', 'QWERTYUIOP', 'Password123', '88888888', 'iloveyou', 'trustno1']) {
      expect(() => refuseWeakPassword(common, 'ada@example.com', 'password')).toThrow(Unprocessable);
    }
  });

  it('is the e-mail address', () => {
    expect(() => refuseWeakPassword('Ada@Example.com', 'ada@example.com', 'password')).toThrow(Unprocessable);
  });

  it('is no other: there are no rules of composition', () => {
    for (const fine of ['abcdefghijklmnopqrst', 'four common words here', '🐢🐇🦊🐻🐼🐨🐯🦁']) {
      expect(() => refuseWeakPassword(fine, 'ada@example.com', 'password')).not.toThrow();
    }
  });

  it('is named by the field that it was sent in', () => {
    const refuse = () => refuseWeakPassword('password1', 'ada@example.com', 'new_password');
    expect(refuse).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ field: 'new_password' })] }));
  });
});
