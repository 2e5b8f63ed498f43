import { formatUsd, type NanoUsd } from '../../shared/money.js';

const NANOS_PER_USD = 1_000_000_000n;
const NANOS_PER_CENT = 10_000_000n;
const NANOS_PER_DIME = 100_000_000n;
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const MINUS = '\u2212';

/**
 * An amount as people read it: `$1,234.56`, `$0.42`, `$0.0156`, `$0.000015`; never an exponent, never a float on the way.
 * From ten cents up cents are enough; below, four decimals; below a cent, the first two digits that say something.
 */
export function money(nanos: NanoUsd): string {
  const size = nanos < 0n ? -nanos : nanos;
  const text = `$${decimals(size, decimalsFor(size))}`;
  return nanos < 0n ? MINUS + text : text;
}

/** The same to the last digit, for whoever wants to know: `$0.000015123`. */
export function exactMoney(nanos: NanoUsd): string {
  const text = formatUsd(nanos < 0n ? -nanos : nanos);
  const [whole = '0', fraction = ''] = text.split('.');
  return `${nanos < 0n ? MINUS : ''}$${grouped.format(BigInt(whole))}.${fraction.padEnd(2, '0')}`;
}

/** Dollars as a floating-point number, for drawing only. */
export function forDrawing(nanos: NanoUsd): number {
  return Number(nanos) / Number(NANOS_PER_USD);
}

/** A number as people read it: `9,876`, `123,456`, `1.2 M`, `3.4 B`. */
export function count(number: number): string {
  if (Math.abs(number) < 999_950) return grouped.format(number).replace('-', MINUS);
  const [size, unit] = Math.abs(number) < 999_950_000 ? ([1_000_000, 'M'] as const) : ([1_000_000_000, 'B'] as const);
  return `${(number / size).toFixed(1).replace('-', MINUS)} ${unit}`;
}

/** A number with all its digits: `1,234,567`. */
export function exactCount(number: number): string {
  return grouped.format(number).replace('-', MINUS);
}

/** A share of the whole, 0 to 1: `42 %`, `0.3 %`, `< 0.1 %`. */
export function percent(share: number): string {
  const hundredths = share * 100;
  if (hundredths === 0) return '0 %';
  if (hundredths < 0.1) return '< 0.1 %';
  return `${hundredths < 10 ? Number(hundredths.toFixed(1)) : Math.round(hundredths)} %`;
}

/** How a figure differs from what it was before: `+12 %`, `−3 %`; null where nothing can be compared. */
export function change(now: number | bigint, before: number | bigint): { text: string; direction: -1 | 0 | 1 } | null {
  if (Number(before) === 0) return null;
  const ratio = (Number(now) - Number(before)) / Math.abs(Number(before));
  const points = Math.round(ratio * 100);
  if (points === 0) return { text: 'no change', direction: 0 };
  if (points > 999) return { text: 'more than +999 %', direction: 1 };
  return { text: `${points > 0 ? '+' : MINUS}${Math.abs(points)} %`, direction: points > 0 ? 1 : -1 };
}

function decimalsFor(size: NanoUsd): number {
  if (size === 0n || size >= NANOS_PER_DIME) return 2;
  if (size >= NANOS_PER_CENT) return 4;
  const leadingZeros = 9 - String(size).length;
  return Math.min(9, leadingZeros + 2);
}

/** Rounded half up; zeros at the end go, but for those of the cents. */
function decimals(size: NanoUsd, places: number): string {
  const unit = 10n ** BigInt(9 - places);
  const rounded = (size + unit / 2n) / unit;
  const scale = 10n ** BigInt(places);
  const fraction = String(rounded % scale)
    .padStart(places, '0')
    .replace(/0+$/, '')
    .padEnd(2, '0');
  return `${grouped.format(rounded / scale)}.${fraction}`;
}
