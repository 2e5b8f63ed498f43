import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { FixedClock } from '../../test/fakes/clock.fixed.ts';
import { MemoryTokenRepository } from '../../test/fakes/token.repository.memory.ts';
import { MemoryUnitOfWork } from '../../test/fakes/unit-of-work.memory.ts';
import { Config } from '../shared/config.js';
import { MemoryRateLimitStore } from '../../test/fakes/rate-limit.memory.ts';
import { fingerprint } from '../shared/secrets/secret.js';
import { AuthenticateToken } from './authenticate-token.use-case.js';
import { TokenGuesses } from './token-guesses.js';
import { newTokenText } from './token-text.js';
import { TokenUses } from './token-uses.js';
import { Token } from './token.entity.js';

const HERE = '203.0.113.7';
const CONFIG = Config.from({
  ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64url'),
  JWT_SECRET: 'a secret for tests that has enough bytes',
  RATE_LIMIT_IP_REQUESTS: '3',
  RATE_LIMIT_IP_WINDOW: '60',
});

describe('asking who stands behind a token', () => {
  let clock: FixedClock;
  let tokens: MemoryTokenRepository;
  let unitOfWork: MemoryUnitOfWork;
  let logs: string[];
  let uses: TokenUses;
  let authenticate: AuthenticateToken;
  beforeEach(() => {
    clock = new FixedClock();
    tokens = new MemoryTokenRepository();
    unitOfWork = new MemoryUnitOfWork();
    logs = [];
    uses = new TokenUses(tokens, clock, unitOfWork, pino({}, { write: (line: string) => void logs.push(line) }));
    const guesses = new TokenGuesses(CONFIG, new MemoryRateLimitStore(clock));
    authenticate = new AuthenticateToken(tokens, guesses, uses, clock);
  });

  function newToken(expiresAt: Date | null = null): string {
    const text = newTokenText();
    tokens.add(new Token(7, 'grafana', fingerprint(text), clock.now(), expiresAt));
    return text;
  }

  it('asks the database each time, and never for a text that cannot be a token', async () => {
    const text = newToken();
    expect(await authenticate.execute(text, HERE)).toEqual({ tokenId: 1, userId: 7, expiresAt: null });
    expect(await authenticate.execute(text, HERE)).not.toBeNull();
    expect(tokens.lookups).toBe(2);
    const typo = `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
    for (const other of ['', 'garbage', typo, text.slice(0, -1), `or_api_${'x'.repeat(49)}`]) {
      expect(await authenticate.execute(other, HERE)).toBeNull();
    }
    expect(tokens.lookups).toBe(2);
  });

  it('refuses a token from the instant it expires', async () => {
    const text = newToken(new Date('2026-06-15T12:00:10Z'));
    clock.advance(9.999);
    expect(await authenticate.execute(text, HERE)).not.toBeNull();
    clock.advance(0.001);
    expect(await authenticate.execute(text, HERE)).toBeNull();
  });

  it('looks up ten times the allowance of an address in invented tokens, and then those that have worked', async () => {
    const [known, late] = [newToken(), newToken()];
    await authenticate.execute(known, HERE);
    for (let guess = 0; guess < 500; guess++) expect(await authenticate.execute(newTokenText(), HERE)).toBeNull();
    expect(tokens.lookups).toBe(1 + 30);
    expect(await authenticate.execute(known, HERE)).not.toBeNull();
    expect(await authenticate.execute(late, HERE)).toBeNull();
    expect(await authenticate.execute(late, '203.0.113.8')).not.toBeNull();
    expect(await authenticate.execute(late, HERE)).not.toBeNull();
    clock.advance(60);
    expect(await authenticate.execute(newTokenText(), HERE)).toBeNull();
    expect(tokens.lookups).toBe(1 + 30 + 4);
  });

  it('stops trusting a token that worked once it does not', async () => {
    const text = newToken();
    await authenticate.execute(text, HERE);
    tokens.deactivatedUsers.add(7);
    for (let call = 0; call < 100; call++) expect(await authenticate.execute(text, HERE)).toBeNull();
    expect(tokens.lookups).toBe(1 + 30);
  });

  it('notes the last use of tokens that work alone', async () => {
    const text = newToken();
    await authenticate.execute(newTokenText(), HERE);
    await uses.store();
    expect((await tokens.find(1))!.lastUsedAt).toBeNull();
    await authenticate.execute(text, HERE);
    await uses.store();
    expect((await tokens.find(1))!.lastUsedAt).toEqual(clock.now());
  });

  it('keeps the last uses that could not be stored, and says so without naming anybody', async () => {
    const text = newToken();
    await authenticate.execute(text, HERE);
    unitOfWork.failure = new Error('The database is away.');
    await Promise.all([uses.store(), uses.store()]);
    expect((await tokens.find(1))!.lastUsedAt).toBeNull();
    expect(logs).toHaveLength(2);
    expect(logs.join('')).not.toContain(text);

    const first = clock.now();
    unitOfWork.failure = null;
    await uses.store();
    expect((await tokens.find(1))!.lastUsedAt).toEqual(first);
  });
});
