import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ClientWorld, MODEL, TEXT, USED } from '../support/client-world.ts';

const messages = [{ role: 'user' as const, content: 'Good day!' }];

/** The packages that people use, unchanged but for the address and the key. */
describe('real clients behind the gateway', () => {
  let world: ClientWorld;
  let openai: OpenAI;
  let anthropic: Anthropic;
  beforeAll(async () => {
    world = await ClientWorld.start();
    const { apiKey } = world;
    openai = new OpenAI({ apiKey, baseURL: world.baseURL, maxRetries: 0 });
    anthropic = new Anthropic({ apiKey, baseURL: world.proxy, maxRetries: 0 });
  });
  afterAll(() => world[Symbol.asyncDispose]());
  beforeEach(() => world.renew());

  it('openai completes, and what it cost is in the log', async () => {
    const answer = await openai.chat.completions.create({ model: MODEL, messages });
    expect(answer.choices[0]!.message.content).toBe(TEXT);
    const [row] = await world.newRows(1);
    expect(row).toMatchObject({ ...USED, is_stream: false, path: '/v1/chat/completions', generation_id: answer.id });
    expect(row!.cost).toBe((answer.usage as unknown as { cost: number }).cost);
  });

  it('openai streams, event by event, and its usage is in the log', async () => {
    const stream = await openai.chat.completions.create({ model: MODEL, messages, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(TEXT);
    const [row] = await world.newRows(1);
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
    const rows = await world.newRows(3);
    expect(rows.map(({ path }) => path)).toEqual(['/v1/responses', '/v1/responses', '/v1/models']);
    expect(rows[0]).toMatchObject({ ...USED, is_stream: false });
    expect(rows[1]).toMatchObject({ ...USED, is_stream: true });
  });

  it('anthropic speaks with /messages, plain and streaming', async () => {
    const ask = { model: MODEL, max_tokens: 100, messages };
    const answer = await anthropic.messages.create(ask);
    expect(answer.content[0]).toMatchObject({ type: 'text', text: TEXT });
    expect(await anthropic.messages.stream(ask).finalText()).toBe(TEXT);
    const rows = await world.newRows(2);
    expect(rows.map(({ path }) => path)).toEqual(['/v1/messages', '/v1/messages']);
    expect(rows[0]).toMatchObject({ prompt_tokens: 120, completion_tokens: 30, cached_tokens: 100 });
    expect(rows[1]).toMatchObject({ prompt_tokens: 120, completion_tokens: 30, is_stream: true });
  });

  it('openai embeds, and what it used is in the log', async () => {
    const model = 'openai/text-embedding-3-small';
    const { data } = await openai.embeddings.create({ model, input: 'Good day!', encoding_format: 'float' });
    expect(data[0]!.embedding.length).toBeGreaterThan(0);
    expect(await world.newRows(1)).toMatchObject([
      { path: '/v1/embeddings', model, settlement: 'settled', status_code: 200 },
    ]);
  });
});
