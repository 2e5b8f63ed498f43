import { describe, expect, it } from 'vitest';
import { strengthOf } from './strength.js';

describe('the strength of a password', () => {
  it.each(['', 'short', 'password1', '12345678', 'Ada@Example.com'])(
    'is nothing where registering would refuse it: %s',
    (password) => {
      expect(strengthOf(password, 'ada@example.com').score).toBe(0);
    },
  );

  it('grows with length and variety, and hardly with repetition', () => {
    const score = (password: string) => strengthOf(password, 'ada@example.com').score;
    expect(score('aaaaaaaaaaaaaaaa')).toBe(1);
    expect(score('abcdefghijklmnop')).toBe(1);
    expect(score('four words nobody joins up')).toBe(4);
    expect(score('qT7#rw2p')).toBeLessThanOrEqual(2);
  });
});
