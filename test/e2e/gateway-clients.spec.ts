import Anthropic from '@anthropic-ai/sdk';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { faults } from '../simulator/faults.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { GatewayAdmin, type LogRow } from '../support/gateway-admin.ts';
import { json, RecordingUpstream } from '../support/recording-upstream.ts';

const MODEL = 'openai/gpt-4.1-mini';
const TEXT = 'Grüße from the gateway: 你好 🙂!';
const messages = [{ role: 'user' as const, content: 'Good day!' }];

/** The packages that people use, unchanged but for the address and the key. */
describe('real clients behind the gateway', () => {
  let simulator: Simulator;
  let app: TestApp;
  let admin: GatewayAdmin;
  let apiKey: string;
  let openai: OpenAI;
  let anthropic: Anthropic;
  let seen = 0;
  beforeAll(async () => {
    simulator = await startSimulator();
    const { secret } = simulator.account().key();
    app = await startApp({ env: { UPSTREAM_ALLOWED_CIDRS: '127.0.0.1/32' } });
    admin = new GatewayAdmin(app);
    const upstream = await admin.addUpstream({ base_url: simulator.url, api_key: secret });
    apiKey = (await admin.issueKey([upstream])).key_value;
    openai = new OpenAI({ apiKey, baseURL: `${app.url}/proxy/v1`, maxRetries: 0 });
    anthropic = new Anthropic({ apiKey, baseURL: `${app.url}/proxy`, maxRetries: 0 });
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await simulator.close();
  });
  beforeEach(() => {
    simulator.heal();
    simulator.completeWith({
      text: TEXT,
      promptTokens: 120,
      completionTokens: 30,
      reasoningTokens: 7,
      cachedTokens: 100,
    });
  });

  /** The rows of the requests since the last call, oldest first. */
  async function newRows(count: number): Promise<LogRow[]> {
    const rows = (await admin.logs(seen + count)).slice(0, -seen || undefined).toReversed();
    seen += rows.length;
    return rows;
  }
  const USED = {
    prompt_tokens: 120,
    completion_tokens: 30,
    total_tokens: 150,
    cached_tokens: 100,
    reasoning_tokens: 7,
    settlement: 'settled',
    status_code: 200,
    model: MODEL,
  };

  it('openai completes, and what it cost is in the log', async () => {
    const answer = await openai.chat.completions.create({ model: MODEL, messages });
    expect(answer.choices[0]!.message.content).toBe(TEXT);
    const [row] = await newRows(1);
    expect(row).toMatchObject({ ...USED, is_stream: false, path: '/v1/chat/completions', generation_id: answer.id });
    expect(row!.cost).toBe((answer.usage as unknown as { cost: number }).cost);
  });

  it('openai streams, event by event, and its usage is in the log', async () => {
    const stream = await openai.chat.completions.create({ model: MODEL, messages, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(TEXT);
    const [row] = await newRows(1);
    expect(row).toMatchObject({ ...USED, is_stream: true, ttft_ms: expect.any(Number) as number });
  });

  it('openai answers by the responses API, plain and streaming, and lists models', async () => {
    expect((await openai.responses.create({ model: MODEL, input: 'Good day!' })).output_text).toBe(TEXT);
    let text = '';
    for await (const event of await openai.responses.create({ model: MODEL, input: 'Good day!', stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect(text).toBe(TEXT);
    expect((await openai.models.list()).data.map(({ id }) => id)).toContain(MODEL);
    const rows = await newRows(3);
    expect(rows.map(({ path }) => path)).toEqual(['/v1/responses', '/v1/responses', '/v1/models']);
    expect(rows[0]).toMatchObject({ ...USED, is_stream: false });
    expect(rows[1]).toMatchObject({ ...USED, is_stream: true });
  });

  it('openai is told what the provider said, and what the gateway says, as errors of its own', async () => {
    simulator.fail(faults.tooManyRequests(7), { path: '/chat/completions' });
    const limited = await openai.chat.completions.create({ model: MODEL, messages }).catch((error: unknown) => error);
    expect(limited).toBeInstanceOf(OpenAI.RateLimitError);
    expect((limited as InstanceType<typeof OpenAI.RateLimitError>).headers.get('retry-after')).toBe('7');
    const stranger = new OpenAI({ apiKey: 'sk-auto-nobody', baseURL: `${app.url}/proxy/v1`, maxRetries: 0 });
    const denied = await stranger.models.list().catch((error: unknown) => error);
    expect(denied).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(denied).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'authentication_error' });
    expect((await newRows(2)).map(({ status_code }) => status_code)).toEqual([429, 401]);
  });

  it('anthropic speaks with /messages, plain, streaming and refused', async () => {
    const ask = { model: MODEL, max_tokens: 100, messages };
    const answer = await anthropic.messages.create(ask);
    expect(answer.content[0]).toMatchObject({ type: 'text', text: TEXT });
    expect(await anthropic.messages.stream(ask).finalText()).toBe(TEXT);
    const stranger = new Anthropic({ apiKey: 'sk-auto-nobody', baseURL: `${app.url}/proxy`, maxRetries: 0 });
    const denied = await stranger.messages.create(ask).catch((error: unknown) => error);
    expect(denied).toBeInstanceOf(Anthropic.AuthenticationError);
    const rows = await newRows(3);
    expect(rows.map(({ path, status_code }) => `${path as string} ${status_code}`)).toEqual([
      '/v1/messages 200',
      '/v1/messages 200',
      '/v1/messages 401',
    ]);
    expect(rows[0]).toMatchObject({ prompt_tokens: 120, completion_tokens: 30, cached_tokens: 100 });
    expect(rows[1]).toMatchObject({ prompt_tokens: 120, completion_tokens: 30, is_stream: true });
  });

  it("OpenRouter's provider for the AI SDK generates and streams", async () => {
    const openrouter = createOpenRouter({ apiKey, baseURL: `${app.url}/proxy/v1` });
    const asked = { model: openrouter.chat(MODEL), prompt: 'Good day!', maxRetries: 0 };
    expect((await generateText(asked)).text).toBe(TEXT);
    let text = '';
    for await (const part of streamText(asked).textStream) text += part;
    expect(text).toBe(TEXT);
    expect(await newRows(2)).toMatchObject([
      { ...USED, is_stream: false },
      { ...USED, is_stream: true },
    ]);
  });

  it('openai embeds, and what it used is in the log', async () => {
    const model = 'openai/text-embedding-3-small';
    const { data } = await openai.embeddings.create({ model, input: 'Good day!', encoding_format: 'float' });
    expect(data[0]!.embedding.length).toBeGreaterThan(0);
    expect(await newRows(1)).toMatchObject([
      { path: '/v1/embeddings', model, settlement: 'settled', status_code: 200 },
    ]);
  });
});

/** The pieces of a stream as providers send them: a tool's arguments come in parts. */
const TOOL_CALLS = [
  { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } },
  { index: 0, function: { arguments: '{"city":' } },
  { index: 0, function: { arguments: '"Köln"}' } },
];
const TOOLS = [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } }];

describe('tools and errors behind the gateway', () => {
  let upstream: RecordingUpstream;
  let app: TestApp;
  let admin: GatewayAdmin;
  let openai: OpenAI;
  let anthropic: Anthropic;
  beforeAll(async () => {
    upstream = await RecordingUpstream.start();
    app = await startApp({ env: { UPSTREAM_ALLOWED_CIDRS: '127.0.0.1/32' } });
    admin = new GatewayAdmin(app);
    const apiKey = (await admin.issueKey([await admin.addUpstream({ base_url: upstream.url })])).key_value;
    openai = new OpenAI({ apiKey, baseURL: `${app.url}/proxy/v1`, maxRetries: 0 });
    anthropic = new Anthropic({ apiKey, baseURL: `${app.url}/proxy`, maxRetries: 0 });
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });
  const streaming = (events: object[]) => {
    upstream.answer = (res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of events) {
        const { type } = event as { type?: string };
        res.write(`${type ? `event: ${type}\n` : ''}data: ${JSON.stringify(event)}\n\n`);
      }
      res.end('data: [DONE]\n\n');
    };
  };
  const ask = { model: MODEL, messages, tools: TOOLS };

  it('openai gets what a tool is called with, plain and streaming', async () => {
    const whole = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Köln"}' } };
    const message = { role: 'assistant', content: null, tool_calls: [whole] };
    upstream.answer = (res) =>
      json(res, { id: 'gen-1', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] });
    const answer = await openai.chat.completions.create(ask);
    expect(answer.choices[0]!.message.tool_calls).toEqual([whole]);
    expect(JSON.parse(upstream.requests.at(-1)!.body.toString())).toEqual(ask);
    const chunks = TOOL_CALLS.map((call) => ({ choices: [{ index: 0, delta: { tool_calls: [call] } }] }));
    streaming(chunks.map((chunk) => ({ id: 'gen-2', ...chunk })));
    let text = '';
    for await (const chunk of await openai.chat.completions.create({ ...ask, stream: true })) {
      text += chunk.choices[0]!.delta.tool_calls![0]!.function!.arguments ?? '';
    }
    expect(text).toBe('{"city":"Köln"}');
  });

  it('anthropic gets what a tool is called with, streaming', async () => {
    const usage = { input_tokens: 5, output_tokens: 1 };
    const opened = { id: 'msg_1', type: 'message', role: 'assistant', model: MODEL, content: [], usage };
    const tool = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} };
    streaming([
      { type: 'message_start', message: opened },
      { type: 'content_block_start', index: 0, content_block: tool },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"city":"Köln"}' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } },
      { type: 'message_stop' },
    ]);
    const tools = [{ name: 'weather', input_schema: { type: 'object' as const } }];
    const message = await anthropic.messages.stream({ model: MODEL, max_tokens: 10, messages, tools }).finalMessage();
    expect(message.content).toMatchObject([{ ...tool, input: { city: 'Köln' } }]);
    expect((await admin.logs(3))[0]).toMatchObject({ prompt_tokens: 5, completion_tokens: 9, is_stream: true });
  });

  it('an error in the middle of a stream reaches the client as such, and the log', async () => {
    const error = { code: 502, message: 'Provider returned error' };
    streaming([
      { id: 'gen-3', choices: [{ index: 0, delta: { content: 'Go' } }] },
      { id: 'gen-3', error, choices: [] },
    ]);
    const stream = await openai.chat.completions.create({ ...ask, stream: true });
    const reading = stream.toReadableStream().pipeTo(new WritableStream());
    await expect(reading).rejects.toThrow('Provider returned error');
    expect((await admin.logs(4))[0]).toMatchObject({ status_code: 200, error_message: 'error_in_stream' });
  });
});
