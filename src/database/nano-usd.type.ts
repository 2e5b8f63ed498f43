import { BigIntType, p } from '@mikro-orm/core';

/**
 * A 64-bit integer column read as text: SQLite hands integers out as floating-point numbers, which are exact only up to
 * 9,007,199.25 USD.
 */
class NanoUsdType extends BigIntType<'bigint'> {
  override convertToJSValueSQL(column: string): string {
    return `cast(${column} as text)`;
  }
}

/** An amount of money, in whole nano-dollars. */
export const nanoUsd = () => p.type(NanoUsdType);
