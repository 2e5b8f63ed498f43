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
  return readEntry(shape, Object.fromEntries(names.map((name) => [name, fields[name]])));
}

/** The same for what is not text alone, as `entered` says it; what is undefined was not entered. */
export async function readEntry<T>(shape: Type<T>, entered: Record<string, unknown>): Promise<T> {
  const given = Object.fromEntries(Object.entries(entered).filter(([, value]) => value !== undefined));
  return (await pipe.transform(given, { type: 'body', metatype: shape })) as T;
}

/** One field as text; nothing entered is the empty text. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** One field that may come several times, as those of checkboxes do. */
export function textsIn(fields: Fields, name: string): string[] {
  return [fields[name] ?? []].flat();
}

/** One field as a number; nothing entered is undefined, and what is no number stays for the rules to refuse. */
export function numberIn(fields: Fields, name: string): number | string | undefined {
  const text = textOf(fields, name).trim();
  if (text === '') return undefined;
  return /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : text;
}

export function isTicked(fields: Fields, name: string): boolean {
  return textOf(fields, name) === 'true';
}
