import { describe, expect, it } from 'vitest';
import { keyFacts } from '../../../test/fakes/open-router.fake.ts';
import type { KeyAnswer, KeyFacts } from '../../open-router/open-router.port.js';
import { ApiKey } from '../api-key.entity.js';
import { newsAbout } from './key-news.js';
import { judge } from './key-verdict.js';

const HOUR = 60;
const DAY = 24 * HOUR;
const NOON = new Date('2026-06-15T12:00:00.000Z');
const REFUSED: KeyAnswer = { outcome: 'refused', expired: false, detail: 'No.' };
const EXPIRED: KeyAnswer = { outcome: 'refused', expired: true, detail: 'Expired.' };
const BLOCKED: KeyAnswer = { outcome: 'blocked', detail: 'Not from here.' };
const NO_CREDIT: KeyAnswer = { outcome: 'no_credit', detail: 'No credit.' };
const UNREACHABLE: KeyAnswer = { outcome: 'unreachable', detail: 'Time-out.', retryAfterSeconds: null };

/** Judges a key at different times, and keeps the news as a Notifier would: each occasion once. */
class Owner {
  readonly heard = new Map<string, string>();
  readonly key: ApiKey;

  constructor(changes: Partial<ApiKey> = {}) {
    const usual = { id: 12, secretHash: 'hash', status: 'valid' as const };
    this.key = Object.assign(new ApiKey(7, 'Website', 'standard', NOON), usual, changes);
  }

  judge(answer: KeyAnswer, minutes = 0): this {
    return this.change((now) => judge(this.key, answer, now, true), minutes);
  }

  change(evidence: (now: Date) => void, minutes = 0): this {
    const now = after(minutes);
    const before = this.key.status;
    evidence(now);
    for (const { kind, occasion } of newsAbout(this.key, before, now)) {
      if (!this.heard.has(occasion)) this.heard.set(occasion, kind);
    }
    return this;
  }

  get kinds(): string[] {
    return [...this.heard.values()];
  }
}

function known(facts: Partial<KeyFacts> = {}): KeyAnswer {
  return { outcome: 'known', facts: keyFacts(facts) };
}

function after(minutes: number): Date {
  return new Date(NOON.getTime() + minutes * 60_000);
}

describe('the owner of a key', () => {
  it('hears nothing while all is well', () => {
    expect(
      new Owner()
        .judge(known())
        .judge(UNREACHABLE, HOUR)
        .judge(known(), 2 * HOUR).kinds,
    ).toEqual([]);
  });

  it('hears once that it died, however often that is found again', () => {
    const owner = new Owner();
    for (let hour = 0; hour < 48; hour++) owner.judge(REFUSED, hour * HOUR);
    expect(owner.kinds).toEqual(['key_invalid']);
    expect([...owner.heard.keys()]).toEqual(['key:12:rejected:2026-06-15T12:00:00.000Z']);
  });

  it('hears nothing new when the reason of a death becomes known', () => {
    const owner = new Owner().judge(REFUSED);
    owner.change((now) => owner.key.provenDisabled(now), HOUR);
    expect(owner.kinds).toEqual(['key_invalid']);
  });

  it('hears again when a key that came back dies again, even on the same day', () => {
    const owner = new Owner()
      .judge(REFUSED)
      .judge(known(), HOUR)
      .judge(REFUSED, 2 * HOUR);
    expect(owner.kinds).toEqual(['key_invalid', 'key_invalid']);
  });

  it('hears that it has expired', () => {
    expect(new Owner().judge(EXPIRED).judge(EXPIRED, HOUR).kinds).toEqual(['key_expired']);
  });

  it('hears seven, three and one days before it expires, once each', () => {
    const owner = new Owner();
    const expiresAt = after(10 * DAY);
    const told: number[] = [];
    for (let hour = 0; hour < 10 * 24; hour++) {
      const before = owner.heard.size;
      owner.judge(known({ expiresAt }), hour * HOUR);
      if (owner.heard.size > before) told.push(10 - hour / 24);
    }
    expect(owner.kinds).toEqual(['key_expiring', 'key_expiring', 'key_expiring']);
    expect(told).toEqual([7, 3, 1]);
  });

  it('hears once of an expiry that is near when the key comes in', () => {
    expect([...new Owner().judge(known({ expiresAt: after(2 * DAY) })).heard.keys()]).toEqual([
      'key:12:expires:2026-06-17T12:00:00.000Z:3',
    ]);
  });

  it.each([
    ['daily', 3],
    ['weekly', 2],
    ['monthly', 1],
  ] as const)('hears of a spent %s limit once per window: %i times in eight days', (limitReset, times) => {
    const owner = new Owner();
    for (let hour = 0; hour < 8 * 24; hour += 6) {
      // Spent on day 0, day 1 and day 7, with the window open again in between.
      const isSpent = [0, 1, 7].includes(Math.floor(hour / 24));
      owner.judge(known({ limit: 5n, limitRemaining: isSpent ? 0n : 5n, limitReset }), hour * HOUR - 12 * HOUR);
    }
    expect(owner.kinds).toEqual(Array.from({ length: times }, () => 'key_limit_reached'));
  });

  it('hears of a spent limit without a window once, and again when it was raised and spent again', () => {
    const spent = known({ limit: 5n, limitRemaining: 0n });
    const owner = new Owner();
    for (let day = 0; day < 5; day++) owner.judge(spent, day * DAY);
    expect(owner.kinds).toEqual(['key_limit_reached']);
    owner.judge(known({ limit: 9n, limitRemaining: 4n }), 6 * DAY).judge(spent, 7 * DAY);
    expect(owner.kinds).toEqual(['key_limit_reached', 'key_limit_reached']);
  });

  it('does not hear of the window that follows while nobody can say whether it is spent', () => {
    const owner = new Owner().judge(known({ limit: 5n, limitRemaining: 0n, limitReset: 'daily' }));
    owner.judge(UNREACHABLE, 20 * HOUR);
    expect(owner.kinds).toEqual(['key_limit_reached']);
  });

  it('hears once that the account has no credit', () => {
    expect(new Owner().judge(NO_CREDIT).judge(NO_CREDIT, HOUR).judge(NO_CREDIT, DAY).kinds).toEqual([
      'key_limit_reached',
    ]);
  });

  it('hears of being blocked once, and at most once a day when it comes and goes', () => {
    const owner = new Owner();
    for (let hour = 0; hour < 10; hour++) owner.judge(hour % 2 ? known() : BLOCKED, hour * HOUR);
    expect(owner.kinds).toEqual(['key_blocked']);
    for (let day = 1; day < 5; day++) new Owner().judge(BLOCKED, day * DAY);
    expect(new Owner().judge(BLOCKED).judge(BLOCKED, 3 * DAY).kinds).toEqual(['key_blocked']);
  });

  it('hears once per outage, when it has lasted a day', () => {
    const owner = new Owner().judge(UNREACHABLE);
    owner.judge(UNREACHABLE, DAY - 1);
    expect(owner.kinds).toEqual([]);
    for (let hour = 24; hour < 72; hour++) owner.judge(UNREACHABLE, hour * HOUR);
    expect(owner.kinds).toEqual(['key_unreachable']);
    owner
      .judge(known(), 72 * HOUR)
      .judge(UNREACHABLE, 73 * HOUR)
      .judge(UNREACHABLE, 98 * HOUR);
    expect(owner.kinds).toEqual(['key_unreachable', 'key_unreachable']);
  });

  it('hears nothing of a dead key that cannot be checked', () => {
    const owner = new Owner({ status: 'rejected' });
    expect(owner.judge(UNREACHABLE).judge(UNREACHABLE, 2 * DAY).kinds).toEqual([]);
  });

  it('hears nothing of a key that is switched off', () => {
    const owner = new Owner({ isSwitchedOn: false });
    expect(
      owner
        .judge(BLOCKED)
        .judge(REFUSED, HOUR)
        .judge(EXPIRED, 2 * HOUR).kinds,
    ).toEqual([]);
  });

  it('hears nothing of keys that were dead when a management key first showed them', () => {
    const owner = new Owner({ kind: 'discovered', status: 'unverified', secretHash: null });
    expect(owner.change((now) => owner.key.provenDisabled(now)).kinds).toEqual([]);
    owner.change((now) => owner.key.showFigures(keyFacts(), now), HOUR);
    expect(owner.change((now) => owner.key.provenDisabled(now), 2 * HOUR).kinds).toEqual(['key_invalid']);
  });

  it('hears in sentences, about the key by its name', () => {
    const owner = new Owner();
    const before = owner.key.status;
    judge(owner.key, REFUSED, NOON, true);
    expect(newsAbout(owner.key, before, NOON)).toEqual([
      {
        userId: 7,
        apiKeyId: 12,
        kind: 'key_invalid',
        occasion: 'key:12:rejected:2026-06-15T12:00:00.000Z',
        message:
          'Your key "Website": OpenRouter does not accept it: it was deleted, disabled or mistyped. Enter a key that works.',
      },
    ]);
  });
});
