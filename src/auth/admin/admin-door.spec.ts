import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBelowAdmin } from './admin-door.js';

describe('#35 an address below /admin', () => {
  it.each([
    '/admin',
    '/admin/',
    '/admin/keys?page=1',
    '/admin/x/y/z',
    '/ADMIN/keys',
    '/%61dmin/keys',
    '/%2561dmin',
    '/admin%2Fkeys',
    '/admin%5ckeys',
    '/admin%3Fx',
    '//admin',
    '/./admin',
    '/%2e/admin',
    '/admin/../x',
    '/x/../admin',
    '/x/%2e%2e/admin',
    '/admin;a=b/keys',
    '\\admin\\keys',
    'http://example.com/admin',
    '/admin/%zz',
  ])('is known however it is written: %s', (url) => {
    expect(isBelowAdmin(url)).toBe(true);
  });

  it.each(['/', '', '/administrator', '/api/admin', '/x/admin', '/keys?x=/admin', '/admi', '/../..', '/%'])(
    'is no other: %s',
    (url) => {
      expect(isBelowAdmin(url)).toBe(false);
    },
  );

  it('is known with any of its letters encoded or in upper case', () => {
    const letter = (character: string) =>
      fc.constantFrom(
        character,
        character.toUpperCase(),
        `%${character.charCodeAt(0).toString(16)}`,
        `%25${character.charCodeAt(0).toString(16)}`,
      );
    const spelt = fc.tuple(...[...'admin'].map(letter)).map((letters) => `/${letters.join('')}/keys`);
    fc.assert(fc.property(spelt, isBelowAdmin));
  });

  it('can be asked about any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (url) => typeof isBelowAdmin(url) === 'boolean'));
  });
});
