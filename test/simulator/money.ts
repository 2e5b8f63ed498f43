/** Whole nano-dollars: 1 USD = 1,000,000,000. */
export type Nanos = bigint;

/** Dollars as a number or a decimal text; a bigint is taken as nano-dollars already. */
export type Money = number | string | bigint;

export const NANOS_PER_USD = 1_000_000_000n;
const DECIMALS = 9;

/** Throws a RangeError for what is no amount or has more than nine decimals. */
export function nanosOf(amount: Money): Nanos {
  if (typeof amount === 'bigint') return amount;
  // Short numbers such as 1e-7 would otherwise arrive with an exponent; toFixed is exact for what a test writes down.
  const text = typeof amount === 'number' ? amount.toFixed(DECIMALS) : amount;
  const match = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (!match) throw new RangeError(`not an amount of at most nine decimals: ${text}`);
  const [, sign, whole, fraction = ''] = match;
  const nanos = BigInt(`${whole}${fraction.padEnd(DECIMALS, '0')}`);
  return sign ? -nanos : nanos;
}

export function decimalOf(nanos: Nanos): string {
  const digits = String(nanos < 0n ? -nanos : nanos).padStart(DECIMALS + 1, '0');
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${digits.slice(0, -DECIMALS)}${fraction && `.${fraction}`}`;
}

/** An amount as a JSON number with exactly its digits. */
export function usd(nanos: Nanos): unknown {
  return rawJson(decimalOf(nanos));
}

export function usdOrNull(nanos: Nanos | null): unknown {
  return nanos === null ? null : usd(nanos);
}

// TypeScript's library does not know JSON.rawJSON yet.
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown };
