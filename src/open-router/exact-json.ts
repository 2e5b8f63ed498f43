/**
 * Parses JSON and hands out every number as the text it was written in, so that no digit of an amount passes through a
 * floating-point number. Throws a SyntaxError for what is no JSON.
 */
export function parseExactJson(text: string): unknown {
  return parse(text, (_key, value, { source }) => (typeof value === 'number' ? source : value));
}

// TypeScript's library does not know the reviver's third argument yet (ES2026; in Node since 22).
const parse = JSON.parse.bind(JSON) as (
  text: string,
  reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
) => unknown;
