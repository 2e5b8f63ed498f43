import type { NanoUsd } from '../../shared/money.js';
import { count, exactCount, exactMoney, money } from './figures.js';

/** An amount, shortened where that is easier to read; the exact one is at hand. */
export function Money({ nanos }: { nanos: NanoUsd }) {
  return (
    <data class="figure" value={exactMoney(nanos)} title={exactMoney(nanos)}>
      {money(nanos)}
    </data>
  );
}

/** A number, likewise. */
export function Count({ of }: { of: number }) {
  return (
    <data class="figure" value={of} title={exactCount(of)}>
      {count(of)}
    </data>
  );
}
