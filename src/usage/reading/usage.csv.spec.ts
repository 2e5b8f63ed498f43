import { setImmediate as turn } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { usageCsv } from './usage.csv.js';
import type { UsageRow } from './usage.reports.js';

function row(id: number): UsageRow {
  return {
    id,
    apiKeyId: 3,
    apiKeyName: '=production',
    date: '2026-06-15',
    model: 'openai/gpt-5-mini',
    requests: 120,
    tokensInput: 48_000,
    tokensOutput: 9_600,
    cost: -100n,
  };
}

/** Rows without end, which remembers how many were taken and whether somebody said that it is enough. */
class Endless implements AsyncIterable<UsageRow> {
  taken = 0;
  isOver = false;

  async *[Symbol.asyncIterator](): AsyncGenerator<UsageRow> {
    try {
      for (;;) yield row(++this.taken);
    } finally {
      this.isOver = true;
    }
  }
}

async function* fails(after: number): AsyncGenerator<UsageRow> {
  for (let id = 1; id <= after; id++) yield row(id);
  throw new Error('the database went away');
}

async function turns(): Promise<void> {
  for (let count = 0; count < 50; count++) await turn();
}

describe('usage as CSV', () => {
  it('has a header and one line for each row', async () => {
    async function* two() {
      yield row(1);
      yield row(2);
    }
    expect(await text(await usageCsv(two()))).toBe(
      'id,api_key_id,api_key_name,date,model,requests_count,tokens_input,tokens_output,cost\r\n' +
        "1,3,'=production,2026-06-15,openai/gpt-5-mini,120,48000,9600,-0.0000001\r\n" +
        "2,3,'=production,2026-06-15,openai/gpt-5-mini,120,48000,9600,-0.0000001\r\n",
    );
  });

  it('is the header alone where there is nothing', async () => {
    async function* none() {}
    expect((await text(await usageCsv(none()))).split('\r\n')).toHaveLength(2);
  });

  it('takes no more rows than its reader can hold', async () => {
    const rows = new Endless();
    const file = await usageCsv(rows);
    file.read(1);
    await turns();
    expect(rows.taken).toBeLessThan(2_000);
    file.destroy();
  });

  it('stops asking for rows when its reader is gone', async () => {
    const rows = new Endless();
    const file = await usageCsv(rows);
    file.read(1);
    await turns();
    file.destroy();
    await turns();
    expect(rows.isOver).toBe(true);
  });

  it('does not begin when the first row cannot be read, and breaks off at a later one', async () => {
    await expect(usageCsv(fails(0))).rejects.toThrow('the database went away');
    await expect(text(await usageCsv(fails(1_000)))).rejects.toThrow('the database went away');
  });
});
