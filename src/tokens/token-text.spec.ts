import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTokenText, newTokenText } from './token-text.js';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const REAL = Array.from({ length: 20_000 }, newTokenText);

describe('the text of an API token', () => {
  it('is or_api_, 43 random characters and a checksum that anybody can verify, each time', () => {
    for (const text of REAL) {
      const [, body, checksum] = /^(or_api_[0-9A-Za-z]{43})([0-9A-Za-z]{6})$/.exec(text)!;
      const value = [...checksum!].reduce((sum, digit) => sum * 62 + BASE62.indexOf(digit), 0);
      expect(value).toBe(crc32(body!));
      expect(isTokenText(text)).toBe(true);
    }
  });

  it('is what the check in docs/api-tokens.md takes for one, and nothing else', async () => {
    const page = readFileSync('docs/api-tokens.md', 'utf8');
    const [, snippet] = /```js\n(.*?)```/s.exec(page)!;
    const folder = mkdtempSync(join(tmpdir(), 'snippet-'));
    writeFileSync(join(folder, 'check.mjs'), snippet!);
    const { isApiToken } = (await import(join(folder, 'check.mjs'))) as { isApiToken(text: string): boolean };
    rmSync(folder, { recursive: true });
    const [, example] = /(or_api_ +0{43} +\w{6})/.exec(page)!;
    expect(isApiToken(example!.replaceAll(' ', ''))).toBe(true);
    expect(REAL.every(isApiToken)).toBe(true);
    expect(REAL.some((text) => isApiToken(text.slice(0, -1) + (text.endsWith('a') ? 'b' : 'a')))).toBe(false);
  });

  it('never comes twice and favours no character in any place', () => {
    expect(new Set(REAL).size).toBe(REAL.length);
    const counts = new Map<string, number>();
    for (const text of REAL)
      for (const character of text.slice(7, 50)) counts.set(character, (counts.get(character) ?? 0) + 1);
    const expected = (REAL.length * 43) / 62;
    const chiSquare = [...BASE62].reduce(
      (sum, digit) => sum + ((counts.get(digit) ?? 0) - expected) ** 2 / expected,
      0,
    );
    // 61 degrees of freedom: a fair source does not exceed 200 in the lifetime of anybody; a bias of modulo does always.
    expect(chiSquare).toBeLessThan(200);
  });

  it('is not what 100,000 random texts of the same shape are', () => {
    const shaped = fc.string({ unit: fc.constantFrom(...BASE62), minLength: 49, maxLength: 49 });
    const passed = fc.sample(shaped, 100_000).filter((text) => isTokenText(`or_api_${text}`));
    expect(passed).toEqual([]);
  });

  it('shows every single wrong or swapped character', () => {
    const real = fc.constantFrom(...REAL.slice(0, 1_000));
    const typo = fc.record({ text: real, place: fc.nat(48), digit: fc.constantFrom(...BASE62) });
    fc.assert(
      fc.property(typo, ({ text, place, digit }) => {
        const at = 7 + place;
        const wrong = text.slice(0, at) + digit + text.slice(at + 1);
        expect(isTokenText(wrong)).toBe(wrong === text);
        const swapped = text.slice(0, at) + (text[at + 1] ?? '') + text[at] + text.slice(at + 2);
        expect(isTokenText(swapped)).toBe(swapped === text);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is nothing with something before, after or inside it', () => {
    const [text] = REAL as [string];
    for (const other of [
      '',
      'or_api_',
      ` ${text}`,
      `${text} `,
      `${text}\n`,
      `x${text}`,
      `${text}0`,
      text.toUpperCase(),
    ]) {
      expect(isTokenText(other)).toBe(false);
    }
    fc.assert(fc.property(fc.string(), (other) => !isTokenText(other)));
  });
});
