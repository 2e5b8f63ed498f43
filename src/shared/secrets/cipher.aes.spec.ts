import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AesCipher } from './cipher.aes.js';
import { CannotOpen } from './cipher.port.js';

const place = { table: 'api_keys', id: 7, column: 'secret' };
const key = randomBytes(32);

describe('AES-256-GCM', () => {
  const cipher = new AesCipher(key);

  it('opens what it sealed and never seals the same way twice', () => {
    const sealed = Array.from({ length: 200 }, () => cipher.seal('sk-or-v1-secret ✓', place));
    expect(new Set(sealed).size).toBe(200);
    expect(sealed.every((text) => cipher.open(text, place) === 'sk-or-v1-secret ✓')).toBe(true);
  });

  it('names version and key in the sealed text', () => {
    expect(cipher.seal('x', place)).toMatch(new RegExp(`^v1\\.${cipher.keyId}\\.[\\w-]+$`));
    expect(cipher.keyIdOf(cipher.seal('x', place))).toBe(cipher.keyId);
  });

  it('does not open a text in another row, column or table', () => {
    const sealed = cipher.seal('secret', place);
    for (const other of [{ id: 8 }, { column: 'name' }, { table: 'upstreams' }]) {
      expect(() => cipher.open(sealed, { ...place, ...other })).toThrow(CannotOpen);
    }
  });

  it('notices a change of any byte', () => {
    const sealed = cipher.seal('secret', place);
    const bytes = Buffer.from(sealed.split('.')[2]!, 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      expect(() => cipher.open(`v1.${cipher.keyId}.${changed.toString('base64url')}`, place)).toThrow(CannotOpen);
    }
  });

  it.each(['', 'v1', 'v1..', 'v2.00000000.AAAA', 'plain text', `v1.${new AesCipher(key).keyId}.AAAA`])(
    'does not open %j',
    (text) => {
      expect(() => cipher.open(text, place)).toThrow(CannotOpen);
    },
  );

  it('opens with a previous key and seals with the current one', () => {
    const rotated = new AesCipher(randomBytes(32), [key]);
    const old = cipher.seal('secret', place);
    expect(rotated.open(old, place)).toBe('secret');
    expect(rotated.keyIdOf(rotated.seal('secret', place))).toBe(rotated.keyId);
    expect(() => cipher.open(rotated.seal('secret', place), place)).toThrow(CannotOpen);
  });
});
