import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine } from './csv.js';
import { Usd } from './money.js';

/** The strictest reading of RFC 4180: one line into its cells. */
function cellsOf(line: string): string[] {
  const cells = [...`,${line.slice(0, -2)}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^",]*))/g)];
  return cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!);
}

describe('a line of CSV', () => {
  it('quotes what would break it, and ends with CRLF', () => {
    expect(csvLine(['a', 'b,c', 'say "hi"', 'two\nlines', ''])).toBe('a,"b,c","say ""hi""","two\nlines",\r\n');
  });

  it('keeps our own numbers numbers: minus signs stay, exponents never appear', () => {
    expect(csvLine([-1, 0, new Usd(-1_500_000_000n), new Usd(1n)])).toBe('-1,0,-1.5,0.000000001\r\n');
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n1',
    '  =1',
    '\u00A0@x',
    '\u200B=1',
    '\uFEFF+1',
    '\u0000=1',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    ' \u3000＝1',
    '\u22121',
  ])('defuses %j', (text) => {
    expect(cellsOf(csvLine([text]))).toEqual([`'${text}`]);
  });

  it.each(['openai/gpt-5', 'a=1', "it's", '2026-01-01', '日本', '#1', ''])('leaves %j as it is', (text) => {
    expect(cellsOf(csvLine([text]))).toEqual([text]);
  });

  it('gives every text back, but for an apostrophe', () => {
    const property = fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (texts) => {
      const read = cellsOf(csvLine(texts));
      expect(read.map((cell, index) => (cell === texts[index] ? cell : cell.replace(/^'/, '')))).toEqual(texts);
      for (const cell of read) expect(cell).not.toMatch(/^\s*[=+@-]/);
    });
    fc.assert(property);
  });
});
