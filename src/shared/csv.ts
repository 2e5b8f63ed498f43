import { Usd } from './money.js';

/** One line of a CSV file (RFC 4180). Numbers stay numbers; text can never be taken for a formula by a spreadsheet. */
export function csvLine(cells: readonly (string | number | Usd)[]): string {
  return `${cells.map((cell) => (typeof cell === 'string' ? quoted(harmless(cell)) : String(cell))).join(',')}\r\n`;
}

/**
 * Spreadsheets run what begins with = + - or @, also after blanks and in the full-width forms that Asian ones know;
 * after an apostrophe it is text.
 * Source: OWASP, "CSV Injection".
 */
function harmless(text: string): string {
  return /^[\p{Z}\p{C}]*[=+\-@\u2212]|^[\t\r\n]/u.test(text.normalize('NFKC')) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",;\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
