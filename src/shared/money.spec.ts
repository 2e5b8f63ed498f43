import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUsd, parseUsd, shareOf, Usd } from './money.js';

describe('money', () => {
  it.each([
    ['433.286754736', 433_286_754_736n],
    [0.1, 100_000_000n],
    [1e-7, 100n],
    ['1e-10', 0n],
    ['5e-10', 1n],
    ['-5e-10', -1n],
    ['0.0000000014999', 1n],
    ['.5', 500_000_000n],
    ['2.', 2_000_000_000n],
    ['1.5E3', 1_500_000_000_000n],
    [0, 0n],
    [-3.404645509, -3_404_645_509n],
  ])('reads %s', (amount, nanos) => {
    expect(parseUsd(amount)).toBe(nanos);
  });

  it.each(['', '.', 'abc', '1,5', '0x10', 'NaN', 'Infinity', '1e9999'])('refuses %j', (text) => {
    expect(() => parseUsd(text)).toThrow(RangeError);
  });

  it('comes back from its own text, whatever the amount', () => {
    fc.assert(fc.property(fc.bigInt(), (nanos) => parseUsd(formatUsd(nanos)) === nanos));
  });

  it('never writes an exponent and never more than nine decimals', () => {
    fc.assert(fc.property(fc.bigInt(), (nanos) => /^-?\d+(\.\d{1,9})?$/.test(formatUsd(nanos))));
  });

  it('adds up without the errors of floating point', () => {
    expect(JSON.stringify({ cost: new Usd(parseUsd(0.1) + parseUsd(0.2)) })).toBe('{"cost":0.3}');
  });

  it('is written to JSON digit by digit, beyond what a double can hold', () => {
    expect(JSON.stringify([new Usd(9_007_199_254_740_993_123_456_789n)])).toBe('[9007199254740993.123456789]');
    expect(JSON.stringify([new Usd(100n)])).toBe('[0.0000001]');
  });

  it.each([
    [1n, 3n, 0.333333],
    [2n, 3n, 0.666667],
    [1n, 2_000_000n, 0.000001],
    [1n, 2_000_001n, 0],
    [7n, 7n, 1],
    [0n, 7n, 0],
    [0n, 0n, 0],
    [5n, 0n, 0],
    [-1n, 10n, 0],
    [11n, 10n, 1],
    [-3n, -10n, 0],
  ])('says which part of the whole is spent: %s of %s', (part, whole, share) => {
    expect(shareOf(part, whole)).toBe(share);
  });

  it('never writes a share with an exponent', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 18n });
    fc.assert(fc.property(amount, amount, (part, whole) => /^(0|1|0\.\d{1,6})$/.test(String(shareOf(part, whole)))));
  });
});
