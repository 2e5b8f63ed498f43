import type { Type } from '@nestjs/common';
import { newValidationPipe } from '../../shared/http/validation.js';

/** What a form or an address brings, as it came. */
export type Fields = Record<string, string | string[] | undefined>;

const pipe = newValidationPipe();

/**
 * What was entered, checked by the same rules as a body of the API. `names`: the fields that count; the others, such as
 * the token of the form, are left aside. Throws Unprocessable, which names each field that is wrong.
 */
export async function readForm<T>(shape: Type<T>, fields: Fields, names: readonly (keyof T & string)[]): Promise<T> {
  const entered = Object.fromEntries(
    names.map((name) => [name, fields[name]] as const).filter(([, value]) => value !== undefined),
  );
  return (await pipe.transform(entered, { type: 'body', metatype: shape })) as T;
}

/** One field as text; nothing entered is the empty text. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}
