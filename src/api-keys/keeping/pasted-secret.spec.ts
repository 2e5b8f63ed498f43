import { describe, expect, it } from 'vitest';
import { Unprocessable } from '../../shared/errors.js';
import { secretIn } from './pasted-secret.js';

const KEY = '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';

describe('a pasted key', () => {
  it.each([
    KEY,
    ` ${KEY}\n`,
    `\t${KEY}\r\n`,
    `"${KEY}"`,
    `'${KEY}'`,
    `\`${KEY}\``,
    `“${KEY}”`,
    `„${KEY}“`,
    `«${KEY}»`,
    ` " ${KEY} " `,
    `\u00A0${KEY}\u200B`,
    `\uFEFF${KEY}`,
    `Bearer ${KEY}`,
    `bearer   "${KEY}"`,
    `"Bearer ${KEY}"`,
  ])('loses the spaces, quotes and "Bearer" around it: %j', (pasted) => {
    expect(secretIn(pasted)).toBe(KEY);
  });

  it.each(['x', 'partner_key-of.another+shape/with=signs', 'k'.repeat(1024)])('may have any shape: %s', (pasted) => {
    expect(secretIn(pasted)).toBe(pasted);
  });

  it.each(['', '   ', '""', '“ ”', 'Bearer ', 'two words', 'line\nbreak', 'nul\0', 'schlüssel', 'k'.repeat(1025)])(
    'is refused when no key can be in it: %j',
    (pasted) => {
      expect(() => secretIn(pasted)).toThrow(Unprocessable);
    },
  );

  it('never stands in the refusal', () => {
    const refusal = catchError(() => secretIn(`${KEY} ${KEY}`));
    expect(JSON.stringify([refusal.message, refusal.errors])).not.toContain('0e6f');
    expect(refusal.errors).toMatchObject([{ field: 'key' }]);
  });
});

function catchError(deed: () => unknown): Unprocessable {
  try {
    deed();
  } catch (error) {
    if (error instanceof Unprocessable) return error;
  }
  throw new Error('nothing was refused');
}
