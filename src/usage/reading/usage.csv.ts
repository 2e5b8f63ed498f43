import { Readable } from 'node:stream';
import { csvLine } from '../../shared/csv.js';
import { Usd } from '../../shared/money.js';
import type { UsageRow } from './usage.reports.js';

const HEADER = [
  'id',
  'api_key_id',
  'api_key_name',
  'date',
  'model',
  'requests_count',
  'tokens_input',
  'tokens_output',
  'cost',
];
const CHUNK_CHARACTERS = 32_768;

/**
 * The rows as a CSV file, written as fast as it is read and no faster; whoever stops reading stops the query too.
 * Waits for the first row, so that a database that cannot answer is an error and no empty file.
 */
export async function usageCsv(rows: AsyncIterable<UsageRow>): Promise<Readable> {
  const remaining = rows[Symbol.asyncIterator]();
  const first = await remaining.next();
  return Readable.from(chunks(first, remaining), { objectMode: false });
}

async function* chunks(first: IteratorResult<UsageRow>, rows: AsyncIterator<UsageRow>): AsyncGenerator<string> {
  let text = csvLine(HEADER);
  try {
    for (let next = first; !next.done; next = await rows.next()) {
      text += lineOf(next.value);
      if (text.length < CHUNK_CHARACTERS) continue;
      yield text;
      text = '';
    }
    if (text) yield text;
  } finally {
    await rows.return?.();
  }
}

function lineOf(row: UsageRow): string {
  const { id, apiKeyId, apiKeyName, date, model, requests, tokensInput, tokensOutput, cost } = row;
  return csvLine([id, apiKeyId, apiKeyName, date, model, requests, tokensInput, tokensOutput, new Usd(cost)]);
}
