import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUsd } from '../../shared/money.js';
import { change, count, exactMoney, money, percent } from './figures.js';

describe('an amount for people', () => {
  it.each([
    ['0', '$0.00'],
    ['1234.56', '$1,234.56'],
    ['1234567.891', '$1,234,567.89'],
    ['0.995', '$1.00'],
    ['0.5133', '$0.51'],
    ['0.0156', '$0.0156'],
    ['0.01', '$0.01'],
    ['0.000015', '$0.000015'],
    ['0.000015123', '$0.000015'],
    ['0.000000001', '$0.000000001'],
    ['-2.5', '−$2.50'],
    ['9007199254740993.25', '$9,007,199,254,740,993.25'],
  ])('%s is %s', (usd, text) => {
    expect(money(parseUsd(usd))).toBe(text);
  });

  it('#73 never has an exponent, and is exact where that is asked for', () => {
    const property = fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (nanos) => {
      expect(money(nanos)).toMatch(/^−?\$[\d,]+\.\d{2,9}$/);
      expect(parseUsd(exactMoney(nanos).replace('−', '-').replaceAll(/[$,]/g, ''))).toBe(nanos);
    });
    fc.assert(property);
  });
});

describe('a number for people', () => {
  it.each([
    [0, '0'],
    [9_876, '9,876'],
    [999_949, '999,949'],
    [999_950, '1.0 M'],
    [1_234_567, '1.2 M'],
    [999_949_999, '999.9 M'],
    [3_400_000_000, '3.4 B'],
  ])('%s is %s', (number, text) => {
    expect(count(number)).toBe(text);
  });

  it.each([
    [0, '0 %'],
    [0.0004, '< 0.1 %'],
    [0.0034, '0.3 %'],
    [0.42, '42 %'],
    [1, '100 %'],
  ])('as a share, %s is %s', (share, text) => {
    expect(percent(share)).toBe(text);
  });

  it('says how it differs from before, if there is anything to compare it with', () => {
    expect(change(112n, 100n)).toEqual({ text: '+12 %', direction: 1 });
    expect(change(97, 100)).toEqual({ text: '−3 %', direction: -1 });
    expect(change(100, 100)).toEqual({ text: 'no change', direction: 0 });
    expect(change(5000, 1)).toEqual({ text: 'more than +999 %', direction: 1 });
    expect(change(5, 0)).toBeNull();
  });
});
