import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOTHING_KNOWN } from './token-usage.js';
import { type Reading, UsageMeter } from './usage-meter.js';

function read(bytes: Buffer | string, type: string, encoding = '', cuts: number[] = []): Promise<Reading> {
  const whole = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  const meter = new UsageMeter(type, encoding);
  let from = 0;
  for (const cut of [...cuts, whole.length]) {
    meter.read(whole.subarray(from, cut));
    from = cut;
  }
  return new Promise((resolve) => meter.finish(resolve));
}
const readJson = (answer: object | string) =>
  read(typeof answer === 'string' ? answer : JSON.stringify(answer), 'application/json');
const readEvents = (events: object[], cuts: number[] = []) => read(sse(events), 'text/event-stream', '', cuts);
const sse = (events: object[]) =>
  `: OPENROUTER PROCESSING\n\n${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`;

const CHAT_USAGE = {
  prompt_tokens: 100,
  completion_tokens: 30,
  total_tokens: 130,
  cost: 0.000123,
  prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 5 },
  completion_tokens_details: { reasoning_tokens: 12 },
};
const CHAT_READ = {
  promptTokens: 100,
  cachedTokens: 40,
  cacheWriteTokens: 5,
  completionTokens: 30,
  reasoningTokens: 12,
  totalTokens: 130,
  cost: 123_000n,
  byokCost: null,
};
const chunk = (content: string) => ({ id: 'gen-1', model: 'm', choices: [{ index: 0, delta: { content } }] });

describe('the usage of a plain answer', () => {
  it('is read from chat completions, with the id and the model', async () => {
    const { usage, generationId, model } = await readJson({ id: 'gen-1', model: 'openai/gpt-5', usage: CHAT_USAGE });
    expect({ usage, generationId, model }).toEqual({ usage: CHAT_READ, generationId: 'gen-1', model: 'openai/gpt-5' });
  });

  it('is read from responses', async () => {
    const usage = {
      input_tokens: 50,
      input_tokens_details: { cached_tokens: 20 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 57,
    };
    const reading = await readJson({ id: 'resp_1', usage });
    const tokens = { promptTokens: 50, cachedTokens: 20, completionTokens: 7, reasoningTokens: 3, totalTokens: 57 };
    expect(reading.usage).toEqual({ ...NOTHING_KNOWN, ...tokens });
  });

  it('counts the caches of Anthropic into the input', async () => {
    const usage = {
      input_tokens: 10,
      output_tokens: 5,
      cache_read_input_tokens: 300,
      cache_creation_input_tokens: 20,
    };
    const tokens = {
      promptTokens: 330,
      cachedTokens: 300,
      cacheWriteTokens: 20,
      completionTokens: 5,
      totalTokens: 335,
    };
    expect((await readJson({ id: 'msg_1', usage })).usage).toEqual({ ...NOTHING_KNOWN, ...tokens });
  });

  it('knows that embeddings have no output', async () => {
    const { usage } = await readJson({ usage: { prompt_tokens: 8, total_tokens: 8 } });
    expect(usage).toMatchObject({ promptTokens: 8, completionTokens: 0, totalTokens: 8, cost: null });
  });

  it('is exact to the last digit that the provider wrote', async () => {
    const { usage } = await readJson('{"usage":{"prompt_tokens":1,"cost":12345678.123456789}}');
    expect(usage.cost).toBe(12_345_678_123_456_789n);
    expect((await readJson('{"usage":{"cost":1e-7}}')).usage.cost).toBe(100n);
    expect((await readJson('{"usage":{"cost":0.00000000049999999999999999999}}')).usage.cost).toBe(0n);
  });

  it('has the cost of the own provider key apart, and only where one was used', async () => {
    const cost_details = { upstream_inference_cost: 0.5 };
    const own = await readJson({ usage: { cost: 0.01, is_byok: true, cost_details } });
    expect(own.usage).toMatchObject({ cost: 10_000_000n, byokCost: 500_000_000n });
    const usual = await readJson({ usage: { cost: 0.5, is_byok: false, cost_details } });
    expect(usual.usage).toMatchObject({ cost: 500_000_000n, byokCost: null });
  });

  it.each([
    ['{}'],
    ['{"usage":null}'],
    ['{"usage":[]}'],
    ['{"usage":{"prompt_tokens":-1,"completion_tokens":1.5,"cost":"free"}}'],
    ['{"usage":{"prompt_tokens":"7","total_tokens":null,"cost":null}}'],
    ['{"usage":{"cost":-1}}'],
    ['{"usage":{"cost":1e30}}'],
    ['{"usage":{"cost":1.0000000000000001e300}}'],
    ['<html>usage</html>'],
    [''],
  ])('is unknown, never zero, in %s', async (json) => {
    expect((await readJson(json)).usage).toEqual(NOTHING_KNOWN);
  });

  it('is read from the end of a long answer', async () => {
    const data = Array.from({ length: 50_000 }, (_, index) => ({ index, embedding: 'AAAA'.repeat(20) }));
    expect((await readJson({ data, usage: CHAT_USAGE })).usage).toEqual(CHAT_READ);
  });
});

describe('the usage of a stream', () => {
  it('is the last that any chunk says, however the bytes are cut', async () => {
    const events = [
      { ...chunk('héllo 🎉'), usage: null },
      { ...chunk('"usage":{"prompt_tokens":999}'), usage: { prompt_tokens: 1, completion_tokens: 1 } },
      { id: 'gen-1', choices: [], usage: CHAT_USAGE },
    ];
    const length = Buffer.byteLength(sse(events));
    const cuts = fc.array(fc.nat(length), { maxLength: 8 }).map((all) => all.toSorted((one, other) => one - other));
    await fc.assert(
      fc.asyncProperty(cuts, async (some) => {
        const { usage, generationId, hasError } = await readEvents(events, some);
        expect({ usage, generationId, hasError }).toEqual({ usage: CHAT_READ, generationId: 'gen-1', hasError: false });
      }),
    );
  });

  it('is read byte by byte', async () => {
    const events = [chunk('é'), { choices: [], usage: CHAT_USAGE }];
    const cuts = Array.from({ length: Buffer.byteLength(sse(events)) }, (_, index) => index);
    expect((await readEvents(events, cuts)).usage).toEqual(CHAT_READ);
  });

  it.each([
    ['\r\n', (event: string) => `data: ${event}\r\n\r\n`],
    ['no space', (event: string) => `data:${event}\n\n`],
    ['no empty line', (event: string) => `data: ${event}\n`],
    ['an event name', (event: string) => `event: x\nid: 7\ndata: ${event}\n\n`],
    ['lines within an event', (event: string) => `data: {\ndata: ${event.slice(1)}\n\n`],
    ['no end', (event: string) => `data: ${event}`],
  ])('is read from events with %s', async (_name, write) => {
    const text = write(JSON.stringify({ id: 'gen-2', usage: CHAT_USAGE }));
    const { usage, generationId } = await read(text, 'text/event-stream; charset=utf-8');
    expect({ usage, generationId }).toEqual({ usage: CHAT_READ, generationId: 'gen-2' });
  });

  it('is read from the events of /responses', async () => {
    const usage = { input_tokens: 5, output_tokens: 6, total_tokens: 11, cost: 0.5 };
    const reading = await readEvents([
      { type: 'response.created', response: { id: 'resp_1', usage: null } },
      { type: 'response.completed', response: { id: 'resp_1', output: ['x'.repeat(100_000)], usage } },
    ]);
    expect(reading.generationId).toBe('resp_1');
    expect(reading.usage).toMatchObject({ promptTokens: 5, completionTokens: 6, cost: 500_000_000n });
  });

  it('is put together from the events of /messages', async () => {
    const opening = { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: 1 };
    const start = { type: 'message_start', message: { id: 'msg_1', model: 'claude', usage: opening } };
    const reading = await readEvents([start, { type: 'message_delta', usage: { output_tokens: 42 } }]);
    expect(reading).toMatchObject({ generationId: 'msg_1', model: 'claude' });
    expect(reading.usage).toMatchObject({
      promptTokens: 100,
      cachedTokens: 90,
      completionTokens: 42,
      totalTokens: 142,
    });
    expect((await readEvents([start])).usage).toMatchObject({ promptTokens: 100, completionTokens: null });
  });

  it('comes with the news that the provider failed on the way', async () => {
    expect((await readEvents([chunk('a'), { error: { code: 502, message: 'x' } }])).hasError).toBe(true);
    expect((await readEvents([{ type: 'response.failed', response: { error: { code: 'x' } } }])).hasError).toBe(true);
    expect((await readEvents([{ type: 'error', code: 'server_error', message: 'x' }])).hasError).toBe(true);
  });
});

describe('the usage of a compressed answer', () => {
  const events = sse([chunk('a'), { choices: [], usage: CHAT_USAGE }]);

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('is read from %s', async (encoding, compress) => {
    expect((await read(compress(events), 'text/event-stream', encoding, [10, 20])).usage).toEqual(CHAT_READ);
  });

  it('is unknown where the compression is broken', async () => {
    expect((await read(Buffer.from('not gzip at all'), 'application/json', 'gzip')).usage).toEqual(NOTHING_KNOWN);
  });

  it('is not looked for in encodings and types that cannot be read', () => {
    expect(UsageMeter.reads('application/json', 'gzip')).toBe(true);
    expect(UsageMeter.reads('application/json', 'snappy')).toBe(false);
    expect(UsageMeter.reads('audio/mpeg', '')).toBe(false);
  });
});
