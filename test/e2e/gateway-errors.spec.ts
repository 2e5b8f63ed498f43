import Anthropic from '@anthropic-ai/sdk';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { APICallError, generateText, streamText } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faults } from '../simulator/faults.ts';
import { ClientWorld, MODEL } from '../support/client-world.ts';

const messages = [{ role: 'user' as const, content: 'Good day!' }];
/** What the upstream answers instead of text. */
const UPSTREAM = {
  402: faults.noCredit(),
  429: faults.tooManyRequests(7),
  500: faults.serverError(),
  503: faults.unavailable(9),
};
const RETRY_AFTER = { 402: null, 429: '7', 500: null, 503: '9' };

/** Asks as one package does, and returns what it throws. */
type Ask = (apiKey: string) => Promise<unknown>;

const thrownBy = (call: PromiseLike<unknown>) =>
  Promise.resolve(call).then(
    () => Promise.reject(new Error('nothing was thrown')),
    (error: unknown) => error,
  );

async function all<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('errors of real clients behind the gateway', () => {
  let world: ClientWorld;
  beforeAll(async () => {
    world = await ClientWorld.start();
  });
  afterAll(() => world[Symbol.asyncDispose]());
  beforeEach(() => world.renew());

  const openai = (apiKey: string) => new OpenAI({ apiKey, baseURL: world.baseURL, maxRetries: 0 });
  const anthropic = (apiKey: string) => new Anthropic({ apiKey, baseURL: world.proxy, maxRetries: 0 });
  const chat = (apiKey: string) => ({
    model: createOpenRouter({ apiKey, baseURL: world.baseURL }).chat(MODEL),
    prompt: 'Good day!',
    maxRetries: 0,
  });
  const streamedByAiSdk = async (apiKey: string) => {
    for await (const part of streamText({ ...chat(apiKey), onError: () => undefined }).fullStream) {
      if (part.type === 'error') return part.error;
    }
    throw new Error('nothing was thrown');
  };
  const OPENAI: [string, Ask][] = [
    ['plain', (key) => thrownBy(openai(key).chat.completions.create({ model: MODEL, messages }))],
    ['streaming', (key) => thrownBy(openai(key).chat.completions.stream({ model: MODEL, messages }).finalContent())],
    ['responses', (key) => thrownBy(openai(key).responses.create({ model: MODEL, input: 'Good day!' }))],
  ];
  const ANTHROPIC: [string, Ask][] = [
    ['plain', (key) => thrownBy(anthropic(key).messages.create({ model: MODEL, max_tokens: 9, messages }))],
    ['streaming', (key) => thrownBy(anthropic(key).messages.stream({ model: MODEL, max_tokens: 9, messages }).done())],
  ];
  const AI_SDK: [string, Ask][] = [
    ['plain', (key) => thrownBy(generateText(chat(key)))],
    ['streaming', streamedByAiSdk],
  ];

  describe.each(OPENAI)('openai, %s', (_name, ask) => {
    it('is told by the gateway who may not call, and whose budget is spent', async () => {
      const spentKey = await world.spentKey();
      const denied = await ask('sk-auto-nobody');
      expect(denied).toBeInstanceOf(OpenAI.AuthenticationError);
      expect(denied).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'authentication_error' });
      const spent = await ask(spentKey);
      expect(spent).toBeInstanceOf(OpenAI.APIError);
      expect(spent).toMatchObject({ status: 402, code: 'budget_exceeded', type: 'insufficient_quota' });
      expect(await world.newRows(2)).toMatchObject([{ status_code: 401 }, { status_code: 402 }]);
    });

    it.each([
      [402, OpenAI.APIError, 'Insufficient credits'],
      [429, OpenAI.RateLimitError, 'Rate limit exceeded'],
      [500, OpenAI.InternalServerError, 'Internal Server Error'],
      [503, OpenAI.InternalServerError, 'No available provider'],
    ] as const)('is told by the provider: %i', async (status, type, message) => {
      world.simulator.fail(UPSTREAM[status]);
      const error = await ask(world.apiKey);
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status, message: expect.stringContaining(message) as string });
      expect((error as InstanceType<typeof OpenAI.APIError>).headers!.get('retry-after')).toBe(RETRY_AFTER[status]);
      expect(await world.newRows(1)).toMatchObject([{ status_code: status }]);
    });
  });

  it('openai is told what goes wrong inside a stream', async () => {
    world.simulator.fail(faults.midStream(2));
    const error = await thrownBy(openai(world.apiKey).chat.completions.stream({ model: MODEL, messages }).done());
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ code: 502, message: expect.stringContaining('Provider disconnected') as string });
    const events = await openai(world.apiKey).responses.create({ model: MODEL, input: 'Good day!', stream: true });
    const failures = (await all(events)).filter(({ type }) => type === 'response.failed');
    expect(failures).toMatchObject([{ response: { error: { message: 'Provider disconnected' } } }]);
    const row = { status_code: 200, is_stream: true, error_message: 'error_in_stream' };
    expect(await world.newRows(2)).toMatchObject([row, row]);
  });

  describe.each(ANTHROPIC)('anthropic, %s', (_name, ask) => {
    it('is told by the gateway who may not call, and whose budget is spent', async () => {
      const spentKey = await world.spentKey();
      const denied = await ask('sk-auto-nobody');
      expect(denied).toBeInstanceOf(Anthropic.AuthenticationError);
      expect(denied).toMatchObject({ status: 401, type: 'authentication_error' });
      const spent = await ask(spentKey);
      expect(spent).toBeInstanceOf(Anthropic.APIError);
      expect(spent).toMatchObject({
        status: 402,
        type: 'billing_error',
        error: { error: { code: 'budget_exceeded' } },
      });
      expect(await world.newRows(2)).toMatchObject([{ status_code: 401 }, { status_code: 402 }]);
    });

    it.each([
      [402, Anthropic.APIError],
      [429, Anthropic.RateLimitError],
      [500, Anthropic.InternalServerError],
      [503, Anthropic.InternalServerError],
    ] as const)('is told by the provider: %i', async (status, type) => {
      world.simulator.fail(UPSTREAM[status]);
      const error = await ask(world.apiKey);
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ status });
      expect((error as InstanceType<typeof Anthropic.APIError>).headers!.get('retry-after')).toBe(RETRY_AFTER[status]);
      expect(await world.newRows(1)).toMatchObject([{ status_code: status }]);
    });
  });

  it('anthropic is told what goes wrong inside a stream', async () => {
    world.simulator.fail(faults.midStream(3));
    const asked = { model: MODEL, max_tokens: 9, messages };
    const error = await thrownBy(anthropic(world.apiKey).messages.stream(asked).done());
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({
      type: 'api_error',
      message: expect.stringContaining('Provider disconnected') as string,
    });
    expect(await world.newRows(1)).toMatchObject([{ status_code: 200, error_message: 'error_in_stream' }]);
  });

  describe.each(AI_SDK)('the AI SDK, %s', (_name, ask) => {
    it('is told by the gateway who may not call, and whose budget is spent', async () => {
      const spentKey = await world.spentKey();
      const denied = await ask('sk-auto-nobody');
      expect(APICallError.isInstance(denied)).toBe(true);
      expect(denied).toMatchObject({
        statusCode: 401,
        isRetryable: false,
        data: { error: { code: 'invalid_api_key' } },
      });
      const spent = await ask(spentKey);
      expect(APICallError.isInstance(spent)).toBe(true);
      expect(spent).toMatchObject({
        statusCode: 402,
        isRetryable: false,
        data: { error: { code: 'budget_exceeded' } },
      });
      expect((spent as APICallError).message).toContain('The budget of this client key is used up');
      expect(await world.newRows(2)).toMatchObject([{ status_code: 401 }, { status_code: 402 }]);
    });

    it.each([
      [402, false, 'Insufficient credits'],
      [429, true, 'Rate limit exceeded'],
      [500, true, 'Internal Server Error'],
      [503, true, 'No available provider'],
    ] as const)('is told by the provider: %i', async (status, isRetryable, message) => {
      world.simulator.fail(UPSTREAM[status]);
      const error = await ask(world.apiKey);
      expect(APICallError.isInstance(error)).toBe(true);
      expect(error).toMatchObject({ statusCode: status, isRetryable });
      expect((error as APICallError).message).toContain(message);
      expect((error as APICallError).responseHeaders!['retry-after'] ?? null).toBe(RETRY_AFTER[status]);
      expect(await world.newRows(1)).toMatchObject([{ status_code: status }]);
    });
  });

  it('the AI SDK is told what goes wrong inside a stream, after the text so far', async () => {
    world.simulator.fail(faults.midStream(2));
    const parts = await all(streamText({ ...chat(world.apiKey), onError: () => undefined }).fullStream);
    const told = parts.filter(({ type }) => type === 'text-delta' || type === 'error');
    expect(told).toMatchObject([{ type: 'text-delta' }, { error: { code: 502, message: 'Provider disconnected' } }]);
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: 'error' });
    expect(await world.newRows(1)).toMatchObject([{ status_code: 200, error_message: 'error_in_stream' }]);
  });
});
