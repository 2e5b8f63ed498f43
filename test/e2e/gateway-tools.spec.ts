import Anthropic from '@anthropic-ai/sdk';
import { createOpenRouter } from '@openrouter/ai-sdk-provider';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ClientWorld, MODEL, TEXT, USED, WEATHER } from '../support/client-world.ts';

const QUESTION = { role: 'user' as const, content: 'What is the weather in Köln?' };
const PARAMETERS = { type: 'object' as const, properties: { city: { type: 'string' as const } } };
const RESULT = { degrees: 21 };

/** A whole conversation with each package: the model asks for a tool, is told its result, and says the text. */
describe('tools of real clients behind the gateway', () => {
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
  beforeEach(() => {
    world.renew();
    world.simulator.completeWith({ tool: WEATHER });
  });
  /** What the upstream was sent by the latest call. */
  const sent = () => world.simulator.calls.at(-1)!.body as { messages: object[] };

  describe.each([false, true])('of openai, streaming: %s', (stream) => {
    it('are called by chat completions', async () => {
      const tools = [{ type: 'function' as const, function: { name: WEATHER.name, parameters: PARAMETERS } }];
      const ask = async (messages: OpenAI.ChatCompletionMessageParam[]) => {
        const asked = { model: MODEL, messages, tools };
        const { choices } = stream
          ? await openai.chat.completions.stream(asked).finalChatCompletion()
          : await openai.chat.completions.create(asked);
        return choices[0]!;
      };
      const { message, finish_reason } = await ask([QUESTION]);
      expect(finish_reason).toBe('tool_calls');
      const call = message.tool_calls![0]!;
      expect(call).toMatchObject({ type: 'function', function: { name: WEATHER.name } });
      expect(JSON.parse((call as OpenAI.ChatCompletionMessageFunctionToolCall).function.arguments)).toEqual(
        WEATHER.arguments,
      );
      const result = { role: 'tool' as const, tool_call_id: call.id, content: JSON.stringify(RESULT) };
      expect((await ask([QUESTION, message, result])).message.content).toBe(TEXT);
      expect(sent().messages.at(-1)).toEqual(result);
      expect(await world.newRows(2)).toMatchObject([
        { ...USED, is_stream: stream },
        { ...USED, is_stream: stream },
      ]);
    });

    it('are called by responses', async () => {
      const tools = [{ type: 'function' as const, name: WEATHER.name, parameters: PARAMETERS, strict: false }];
      const ask = (input: OpenAI.Responses.ResponseInput) => {
        const asked = { model: MODEL, input, tools };
        return stream ? openai.responses.stream(asked).finalResponse() : openai.responses.create(asked);
      };
      const { output } = await ask([QUESTION]);
      const call = output[0] as OpenAI.Responses.ResponseFunctionToolCall;
      expect(call).toMatchObject({ type: 'function_call', name: WEATHER.name, call_id: 'call_1' });
      expect(JSON.parse(call.arguments)).toEqual(WEATHER.arguments);
      const result = { type: 'function_call_output' as const, call_id: call.call_id, output: JSON.stringify(RESULT) };
      expect((await ask([QUESTION, call, result])).output_text).toBe(TEXT);
      expect(await world.newRows(2)).toMatchObject([USED, USED]);
    });
  });

  it.each([false, true])('of anthropic are called, streaming: %s', async (stream) => {
    const tools = [{ name: WEATHER.name, input_schema: PARAMETERS }];
    const ask = (messages: Anthropic.MessageParam[]) => {
      const asked = { model: MODEL, max_tokens: 100, messages, tools };
      return stream ? anthropic.messages.stream(asked).finalMessage() : anthropic.messages.create(asked);
    };
    const { content, stop_reason } = await ask([QUESTION]);
    expect(stop_reason).toBe('tool_use');
    const call = content[0] as Anthropic.ToolUseBlock;
    expect(call).toMatchObject({ type: 'tool_use', name: WEATHER.name, input: WEATHER.arguments });
    const result = { type: 'tool_result' as const, tool_use_id: call.id, content: JSON.stringify(RESULT) };
    const answer = await ask([QUESTION, { role: 'assistant', content }, { role: 'user', content: [result] }]);
    expect(answer.content[0]).toMatchObject({ type: 'text', text: TEXT });
    const used = { prompt_tokens: 120, completion_tokens: 30, is_stream: stream, path: '/v1/messages' };
    expect(await world.newRows(2)).toMatchObject([used, used]);
  });

  it.each([false, true])("of OpenRouter's provider for the AI SDK are called, streaming: %s", async (stream) => {
    const asked: unknown[] = [];
    const execute = async (input: unknown) => {
      asked.push(input);
      return RESULT;
    };
    const weather = tool({
      description: 'The weather',
      inputSchema: jsonSchema<{ city: string }>(PARAMETERS),
      execute,
    });
    const model = createOpenRouter({ apiKey: world.apiKey, baseURL: world.baseURL }).chat(MODEL);
    const question = { model, prompt: QUESTION.content, tools: { weather }, stopWhen: stepCountIs(3), maxRetries: 0 };
    const { text, steps } = stream ? streamText(question) : await generateText(question);
    expect(await text).toBe(TEXT);
    expect((await steps).map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop']);
    expect(asked).toEqual([WEATHER.arguments]);
    const result = { role: 'tool', tool_call_id: 'call_1', content: JSON.stringify(RESULT) };
    expect(sent().messages.at(-1)).toMatchObject(result);
    expect(await world.newRows(2)).toMatchObject([
      { ...USED, is_stream: stream },
      { ...USED, is_stream: stream },
    ]);
  });
});
