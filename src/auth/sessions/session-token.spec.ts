import { createHmac } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FixedClock } from '../../../test/fakes/clock.fixed.ts';
import { Config } from '../../shared/config.js';
import { Session } from './session.entity.js';
import { SessionTokens } from './session-token.js';

const SECRET = 'the secret that signs the sessions now';
const BEFORE = 'the secret that signed the sessions before';
const ID = '0b9f0d43-3d9b-4cf5-9f3e-1f6d1f2f6a11';
const NOW = Date.parse('2026-06-15T12:00:00.000Z') / 1000;
const DAY = 86_400;

const HEADER = { alg: 'HS256', typ: 'JWT' };
const CLAIMS = {
  sub: '7',
  jti: ID,
  iat: NOW,
  exp: NOW + DAY,
  iss: 'openrouter-monitor',
  aud: 'openrouter-monitor-api',
};

function newTokens(settings: Record<string, string> = {}) {
  const clock = new FixedClock();
  const config = Config.from({ ENCRYPTION_KEY: 'k'.repeat(43), JWT_SECRET: SECRET, ...settings });
  return { clock, tokens: new SessionTokens(new JwtService(), clock, config) };
}

/** A token as somebody else might make it. */
function forged(header: object, claims: object, { secret = SECRET, hash = 'sha256' } = {}): string {
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

describe('session tokens', () => {
  const { tokens } = newTokens();
  const session = new Session(ID, 7, new Date(NOW * 1000), new Date((NOW + DAY) * 1000), '127.0.0.1', 'curl');

  it('#10 are HS256 with plain headers, and name the session and its user', () => {
    const token = tokens.issue(session);
    const [header, claims] = token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object);
    expect(header).toEqual(HEADER);
    expect(claims).toEqual(CLAIMS);
    expect(tokens.read(token)).toEqual({ sessionId: ID, userId: 7 });
  });

  it('can be made by nobody but the holder of the secret', () => {
    expect(tokens.read(forged(HEADER, CLAIMS))).toEqual({ sessionId: ID, userId: 7 });
    expect(tokens.read(forged(HEADER, CLAIMS, { secret: 'some other secret of the right length' }))).toBeNull();
  });

  it.each([
    ['no algorithm', { alg: 'none', typ: 'JWT' }],
    ['no algorithm, oddly written', { alg: 'nOnE', typ: 'JWT' }],
    ['HS384', { alg: 'HS384', typ: 'JWT' }],
    ['HS512', { alg: 'HS512', typ: 'JWT' }],
    ['RS256', { alg: 'RS256', typ: 'JWT' }],
    ['no type', { alg: 'HS256' }],
    ['another type', { alg: 'HS256', typ: 'at+jwt' }],
    ['a key of its own', { ...HEADER, jwk: { kty: 'oct', k: 'AAAA' } }],
    ['the address of a key', { ...HEADER, jku: 'https://example.com/keys' }],
    ['the name of a key', { ...HEADER, kid: '../../dev/null' }],
    ['a certificate', { ...HEADER, x5u: 'https://example.com/cert' }],
    ['an extension', { ...HEADER, crit: ['exp'] }],
  ])('#10 are refused with %s in the header', (_, header) => {
    expect(tokens.read(forged(header, CLAIMS))).toBeNull();
    expect(tokens.read(forged(header, CLAIMS, { hash: 'sha512' }))).toBeNull();
    expect(tokens.read(forged(header, CLAIMS).replace(/[^.]*$/, ''))).toBeNull();
  });

  it.each([
    ['that ended more than a minute ago', { iat: NOW - 120, exp: NOW - 61 }],
    ['from the future', { iat: NOW + 61, exp: NOW + DAY }],
    ['that lives longer than a day', { exp: NOW + DAY + 1 }],
    ['without an end', { exp: undefined }],
    ['without a beginning', { iat: undefined }],
    ['that is not valid yet', { nbf: NOW + 120 }],
    ['of another issuer', { iss: 'somebody-else' }],
    ['for another audience', { aud: 'another-api' }],
    ['without an issuer', { iss: undefined }],
    ['without an audience', { aud: undefined }],
    ['without a session', { jti: undefined }],
    ['of no user', { sub: undefined }],
    ['of a user with an impossible id', { sub: '99999999999' }],
    ['whose user is a number', { sub: 7 }],
    ['whose session is an object', { jti: { $ne: null } }],
    ['whose end is a text', { exp: String(NOW + DAY) }],
  ])('#11 are refused %s', (_, changes) => {
    expect(tokens.read(forged(HEADER, { ...CLAIMS, ...changes }))).toBeNull();
  });

  it.each([
    ['end within the last minute', { iat: NOW - 120, exp: NOW - 59 }],
    ['begin within the next minute', { iat: NOW + 59, exp: NOW + DAY }],
  ])('#11 are accepted when they %s, because clocks differ', (_, changes) => {
    expect(tokens.read(forged(HEADER, { ...CLAIMS, ...changes }))).not.toBeNull();
  });

  it('#10 are refused after any single character was changed', () => {
    const token = tokens.issue(session);
    const characters = fc.constantFrom(...'ABCDEFabcdef0123456789-_.=+/ ');
    const changed = fc.tuple(fc.nat(token.length - 1), characters).map(([at, character]) => {
      return token.slice(0, at) + character + token.slice(at + 1);
    });
    fc.assert(fc.property(changed, (other) => other === token || tokens.read(other) === null));
  });

  it('#10 are refused, and nothing breaks, whatever is sent in their place', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => tokens.read(text) === null));
    const parts = fc.array(
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
      { maxLength: 5 },
    );
    fc.assert(fc.property(parts, (pieces) => tokens.read(pieces.join('.')) === null));
    expect(tokens.read('a'.repeat(1_000_000))).toBeNull();
  });

  it('#17 stay good while the secret that signed them is the previous one, and no longer', () => {
    const old = newTokens({ JWT_SECRET: BEFORE }).tokens.issue(session);
    expect(newTokens({ JWT_SECRET_PREVIOUS: BEFORE }).tokens.read(old)).toEqual({ sessionId: ID, userId: 7 });
    expect(newTokens().tokens.read(old)).toBeNull();
    expect(newTokens({ JWT_SECRET_PREVIOUS: BEFORE }).tokens.issue(session)).toBe(tokens.issue(session));
  });
});
