/** Whole nano-dollars: 1 USD = 1,000,000,000. Sums of it are exact. */
export type NanoUsd = bigint;

export const NANOS_PER_USD = 1_000_000_000n;
const DECIMALS = 9;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i;

/**
 * Reads an amount of USD as providers write it: a JSON number or a decimal string, exponent allowed.
 * Digits past the ninth decimal are rounded half away from zero.
 * Throws a RangeError when the text is no number.
 */
export function parseUsd(amount: number | string): NanoUsd {
  return parseDecimal(amount, DECIMALS);
}

/** The same with another number of decimals: 18 for prices of a single token, which are often below a nano-dollar. */
export function parseDecimal(amount: number | string, decimals: number): bigint {
  const text = String(amount).trim();
  const match = DECIMAL.exec(text);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (!match || whole + fraction === '') throw new RangeError('not an amount of money');
  const digits = whole + fraction;
  const point = whole.length + Number(exponent) + decimals;
  const kept = point <= 0 ? '0' : digits.padEnd(point, '0').slice(0, point);
  const roundUp = point >= 0 && (digits[point] ?? '0') >= '5';
  const parsed = BigInt(kept) + (roundUp ? 1n : 0n);
  return sign === '-' ? -parsed : parsed;
}

/** The exact decimal text of an amount, as short as it can be: `0`, `1.5`, `0.000000001`; never an exponent. */
export function formatUsd(nanos: NanoUsd): string {
  return formatDecimal(nanos, DECIMALS);
}

/** The same for whole parts of another size: the opposite of `parseDecimal`. */
export function formatDecimal(parts: bigint, decimals: number): string {
  const size = parts < 0n ? -parts : parts;
  const one = 10n ** BigInt(decimals);
  const fraction = String(size % one)
    .padStart(decimals, '0')
    .replace(/0+$/, '');
  return `${parts < 0n ? '-' : ''}${size / one}${fraction && `.${fraction}`}`;
}

/**
 * Which part of the whole an amount is: 0 to 1 with six decimals, rounded half up, without a floating-point sum on the
 * way. Where nothing was spent in all every share is 0; credits can make a part negative (0) or more than all (1).
 */
export function shareOf(part: NanoUsd, whole: NanoUsd): number {
  if (part <= 0n || whole <= 0n) return 0;
  if (part >= whole) return 1;
  return Number((part * 2_000_000n + whole) / (whole * 2n)) / 1_000_000;
}

/**
 * An amount on its way into a JSON answer: becomes a JSON number with exactly the digits of `formatUsd`,
 * whatever its size, because it never passes through a floating-point number.
 */
export class Usd {
  constructor(readonly nanos: NanoUsd) {}

  toJSON(): unknown {
    return rawJson(formatUsd(this.nanos));
  }

  toString(): string {
    return formatUsd(this.nanos);
  }
}

/** `amount` as an answer's field, null where the amount is unknown. */
export function usdOrNull(nanos: NanoUsd | null): Usd | null {
  return nanos === null ? null : new Usd(nanos);
}

// TypeScript's library does not know JSON.rawJSON yet (ES2026; in Node since 22).
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown };
