import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyFacts } from '../../../test/fakes/open-router.fake.ts';
import type { KeyAnswer, KeyFacts } from '../../open-router/open-router.port.js';
import { ApiKey } from '../api-key.entity.js';
import type { ApiKeyStatus } from '../key-status.js';
import { judge } from './key-verdict.js';

const NOON = new Date('2026-06-15T12:00:00.000Z');
const REFUSED: KeyAnswer = { outcome: 'refused', expired: false, detail: 'No.' };
const REFUSED_AS_EXPIRED: KeyAnswer = { outcome: 'refused', expired: true, detail: 'Expired.' };
const BLOCKED: KeyAnswer = { outcome: 'blocked', detail: 'The account keeps this address out.' };
const NO_CREDIT: KeyAnswer = { outcome: 'no_credit', detail: 'The account has no credit.' };
const UNCLEAR: KeyAnswer = { outcome: 'unclear', detail: 'HTML.' };
const UNREACHABLE: KeyAnswer = { outcome: 'unreachable', detail: 'Time-out.', retryAfterSeconds: null };
const DEATHS: ApiKeyStatus[] = ['expired', 'disabled', 'deleted', 'rejected'];

function newKey(changes: Partial<ApiKey> = {}): ApiKey {
  return Object.assign(new ApiKey(1, 'Key', 'standard', NOON), { id: 12, secretHash: 'hash' }, changes);
}

function known(facts: Partial<KeyFacts> = {}): KeyAnswer {
  return { outcome: 'known', facts: keyFacts(facts) };
}

function after(minutes: number): Date {
  return new Date(NOON.getTime() + minutes * 60_000);
}

const daysAhead = (days: number) => after(days * 24 * 60);

describe('a key that OpenRouter knows', () => {
  it.each([
    ['no limit and no expiry', {}, 'valid'],
    ['something left of its limit', { limit: 5n, limitRemaining: 1n }, 'valid'],
    ['nothing left of its limit', { limit: 5n, limitRemaining: 0n }, 'limit_reached'],
    ['overdrawn its limit', { limit: 5n, limitRemaining: -1n }, 'limit_reached'],
    ['an expiry in more than 7 days', { expiresAt: new Date(daysAhead(7).getTime() + 1) }, 'valid'],
    ['an expiry in 7 days', { expiresAt: daysAhead(7) }, 'expiring'],
    ['an expiry in a minute', { expiresAt: after(1) }, 'expiring'],
    ['a near expiry and a spent limit', { expiresAt: daysAhead(1), limitRemaining: 0n }, 'limit_reached'],
  ] satisfies [string, Partial<KeyFacts>, ApiKeyStatus][])('with %s is %s', (_, facts, status) => {
    const key = newKey();
    judge(key, known(facts), NOON);
    expect(key).toMatchObject({ status, isActive: true, lastValidatedAt: NOON });
    expect(key.statusDetail === null).toBe(status === 'valid');
  });

  it('is management when it says so, and standard again when it says otherwise', () => {
    const key = newKey();
    judge(key, known({ isManagement: true }), NOON);
    expect(key.kind).toBe('management');
    judge(key, known(), NOON);
    expect(key.kind).toBe('standard');
  });

  it('shows what OpenRouter told of it', () => {
    const key = newKey();
    const facts = {
      label: 'sk-or-v1-abc...wxyz',
      usage: 7_000_000_001n,
      limit: 10_000_000_000n,
      limitRemaining: 3n,
      limitReset: 'weekly',
      expiresAt: daysAhead(100),
    } as const;
    judge(key, known(facts), NOON);
    const { usage, ...others } = facts;
    expect(key).toMatchObject({ ...others, usageTotal: usage });
  });

  it('keeps an expiry that an answer leaves out', () => {
    const key = newKey({ expiresAt: daysAhead(100) });
    judge(key, known({ expiresAt: null }), NOON);
    expect(key.expiresAt).toEqual(daysAhead(100));
  });

  it.each([...DEATHS, 'blocked'] as const)('lives again after %s', (status) => {
    const key = newKey({ status });
    judge(key, known(), NOON);
    expect(key).toMatchObject({ status: 'valid', isActive: true, statusDetail: null });
  });

  it('stays inactive while its owner has switched it off', () => {
    const key = newKey({ isSwitchedOn: false });
    judge(key, known(), NOON);
    expect(key).toMatchObject({ status: 'valid', isActive: false });
  });
});

describe('a refused key', () => {
  it('keeps its status after the first 401', () => {
    const key = newKey({ status: 'valid', lastValidatedAt: after(-60) });
    judge(key, REFUSED, NOON);
    expect(key).toMatchObject({ status: 'valid', isActive: true, refusedAt: NOON, lastValidatedAt: after(-60) });
  });

  it('is not rejected by a second 401 within two minutes', () => {
    const key = newKey({ status: 'valid' });
    judge(key, REFUSED, NOON);
    judge(key, REFUSED, new Date(after(2).getTime() - 1));
    expect(key).toMatchObject({ status: 'valid', refusedAt: NOON });
  });

  it('is rejected by a second 401 two minutes later', () => {
    const key = newKey({ status: 'valid' });
    judge(key, REFUSED, NOON);
    judge(key, REFUSED, after(2));
    expect(key).toMatchObject({ status: 'rejected', isActive: false, refusedAt: null, lastValidatedAt: after(2) });
  });

  it('is rejected at once when whoever asked has asked twice', () => {
    const key = newKey({ status: 'valid' });
    judge(key, REFUSED, NOON, true);
    expect(key.status).toBe('rejected');
  });

  it('starts from nothing when a good answer came between two 401s', () => {
    const key = newKey({ status: 'valid' });
    judge(key, REFUSED, NOON);
    judge(key, known(), after(60));
    judge(key, REFUSED, after(120));
    expect(key).toMatchObject({ status: 'valid', refusedAt: after(120) });
  });

  it.each([UNREACHABLE, UNCLEAR, BLOCKED])(
    'is not excused by an answer that says nothing of it: $outcome',
    (answer) => {
      const key = newKey({ status: 'valid' });
      judge(key, REFUSED, NOON);
      judge(key, answer, after(60));
      judge(key, REFUSED, after(120));
      expect(key.status).toBe('rejected');
    },
  );

  it('is expired at once when OpenRouter says so', () => {
    const key = newKey({ status: 'valid' });
    judge(key, REFUSED_AS_EXPIRED, NOON);
    expect(key).toMatchObject({ status: 'expired', isActive: false, lastValidatedAt: NOON });
  });

  it('is expired at once when its stored expiry has passed', () => {
    const key = newKey({ status: 'expiring', expiresAt: NOON });
    judge(key, REFUSED, NOON);
    expect(key.status).toBe('expired');
  });

  it('is not expired while its stored expiry lies ahead', () => {
    const key = newKey({ status: 'expiring', expiresAt: after(10) });
    judge(key, REFUSED, NOON, true);
    expect(key.status).toBe('rejected');
  });

  it.each(DEATHS)('that was %s already stays so', (status) => {
    const key = newKey({ status, statusDetail: 'Because.' });
    judge(key, REFUSED, NOON, true);
    expect(key).toMatchObject({ status, statusDetail: 'Because.', lastValidatedAt: NOON });
  });
});

describe('a management key that lists keys', () => {
  it('shows why a refused key does not work', () => {
    const disabled = newKey({ status: 'rejected' });
    disabled.provenDisabled(NOON);
    expect(disabled).toMatchObject({ status: 'disabled', lastValidatedAt: NOON });

    const deleted = newKey({ status: 'valid', refusedAt: after(-1), openRouterHash: 'a'.repeat(64) });
    deleted.provenDeleted(NOON);
    expect(deleted).toMatchObject({ status: 'deleted', refusedAt: null });

    const expired = newKey({ status: 'valid', refusedAt: after(-1) });
    expired.provenExpired(NOON);
    expect(expired.status).toBe('expired');
  });

  it('proves nothing of a key that works when it is asked itself', () => {
    const key = newKey({ status: 'valid', openRouterHash: 'a'.repeat(64) });
    key.provenDisabled(NOON);
    key.provenDeleted(NOON);
    key.provenExpired(NOON);
    expect(key.status).toBe('valid');
  });

  it('proves nothing by not listing a key that it never listed, or a management key', () => {
    const neverListed = newKey({ status: 'rejected', openRouterHash: null });
    neverListed.provenDeleted(NOON);
    const management = newKey({ kind: 'management', status: 'rejected', openRouterHash: 'a'.repeat(64) });
    management.provenDeleted(NOON);
    expect([neverListed.status, management.status]).toEqual(['rejected', 'rejected']);
  });

  it('says all there is to say about a discovered key', () => {
    const key = newKey({ kind: 'discovered', secretHash: null, openRouterHash: 'a'.repeat(64) });
    key.showFigures(keyFacts({ usage: 3n, limitRemaining: 0n }), NOON);
    expect(key).toMatchObject({ kind: 'discovered', status: 'limit_reached', usageTotal: 3n, lastValidatedAt: NOON });
    key.showFigures(keyFacts({ expiresAt: NOON }), NOON);
    expect(key.status).toBe('expired');
    key.provenDeleted(NOON);
    expect(key.status).toBe('deleted');
  });
});

describe('an answer that does not speak of the key', () => {
  it('403 makes it blocked, with the reason, and is no check', () => {
    const key = newKey({ status: 'valid', lastValidatedAt: after(-60), unreachableSince: after(-30) });
    judge(key, BLOCKED, NOON);
    expect(key).toMatchObject({
      status: 'blocked',
      statusDetail: BLOCKED.outcome === 'blocked' && BLOCKED.detail,
      isActive: true,
      lastValidatedAt: after(-60),
      unreachableSince: null,
    });
  });

  it('402 means that there is no credit', () => {
    const key = newKey({ status: 'valid', refusedAt: after(-10) });
    judge(key, NO_CREDIT, NOON);
    expect(key).toMatchObject({ status: 'limit_reached', isActive: true, refusedAt: null, lastValidatedAt: NOON });
    expect(key.statusDetail).toContain('no credit');
  });

  it.each([UNCLEAR, UNREACHABLE])('$outcome leaves everything as it was, and remembers since when', (answer) => {
    for (const status of ['unverified', 'valid', 'limit_reached', 'expiring', 'blocked', ...DEATHS] as const) {
      const key = newKey({ status, lastValidatedAt: after(-60) });
      judge(key, answer, NOON);
      judge(key, answer, after(60));
      expect(key).toMatchObject({ status, lastValidatedAt: after(-60), unreachableSince: NOON });
    }
  });

  it.each([known(), REFUSED, REFUSED_AS_EXPIRED, BLOCKED, NO_CREDIT])('$outcome ends an outage', (answer) => {
    const key = newKey({ status: 'valid', unreachableSince: after(-60) });
    judge(key, answer, NOON);
    expect(key.unreachableSince).toBeNull();
  });

  it.each([BLOCKED, UNCLEAR, UNREACHABLE])('$outcome never brings a dead key back', (answer) => {
    for (const status of DEATHS) {
      const key = newKey({ status });
      judge(key, answer, NOON);
      expect(key).toMatchObject({ status, isActive: false });
    }
  });
});

describe('whatever OpenRouter answers, in whatever order', () => {
  const answers = [known(), known({ limitRemaining: 0n }), BLOCKED, NO_CREDIT, UNCLEAR, UNREACHABLE];
  const history = (possible: KeyAnswer[]) =>
    fc.array(fc.record({ answer: fc.constantFrom(...possible), minutes: fc.integer({ min: 1, max: 3000 }) }));

  it('a key does not die without a 401', () => {
    fc.assert(
      fc.property(history(answers), (entries) => {
        const key = newKey();
        let now = 0;
        for (const { answer, minutes } of entries) judge(key, answer, after((now += minutes)));
        return key.isActive;
      }),
    );
  });

  it('a key is dead only if no good answer came after a 401', () => {
    fc.assert(
      fc.property(history([...answers, REFUSED]), (entries) => {
        const key = newKey();
        let now = 0;
        for (const { answer, minutes } of entries) judge(key, answer, after((now += minutes)));
        const last = entries.findLastIndex(
          ({ answer }) => answer.outcome === 'known' || answer.outcome === 'no_credit',
        );
        const refusals = entries.slice(last + 1).filter(({ answer }) => answer === REFUSED).length;
        return key.isActive || refusals >= 2;
      }),
    );
  });
});
