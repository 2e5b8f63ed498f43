import { type Inference, infer } from './inference.ts';
import { MODELS, modelAnswer } from './catalogue.ts';
import { usd } from './money.ts';
import {
  chatToolCalls,
  chatToolDeltas,
  messageToolBlock,
  messageToolEvents,
  responseToolEvents,
  responseToolItem,
} from './tool-calls.ts';
import { type Answer, type Call, type Generation, numberFrom, Refusal } from './world.ts';

const PROCESSING = ': OPENROUTER PROCESSING\n\n';
const DONE = 'data: [DONE]\n\n';

/** Answers without a key, too. */
export function listModels(query: URLSearchParams): Answer {
  const shown = MODELS.filter(({ output }) => output === 'text' || query.get('output_modalities') === 'all');
  const offset = numberFrom(query, 'offset', 0);
  return { body: { data: shown.slice(offset, offset + numberFrom(query, 'limit', 1000, 1000)).map(modelAnswer) } };
}

/** Unknown at first, as the real one is right after a completion. */
export function showGeneration({ world, query, key }: Call): Answer {
  const id = query.get('id') ?? '';
  const generation = world.generations.get(id);
  if (!generation || generation.key.account !== key.account || generation.misses-- > 0) {
    throw new Refusal(404, `Generation ${id} not found`);
  }
  return { body: { data: generationAnswer(generation) } };
}

function generationAnswer(generation: Generation): Record<string, unknown> {
  const { promptTokens, completionTokens } = generation;
  return {
    id: generation.id,
    upstream_id: `chatcmpl-${generation.id.slice(4)}`,
    created_at: generation.createdAt.toISOString(),
    model: generation.permaslug,
    provider_name: generation.provider,
    api_type: generation.apiType,
    api_key_id: generation.key.id,
    usage: usd(generation.cost),
    total_cost: usd(generation.cost),
    upstream_inference_cost: generation.byok ? usd(generation.upstreamCost) : 0,
    cache_discount: null,
    is_byok: generation.byok,
    tokens_prompt: promptTokens,
    tokens_completion: completionTokens,
    native_tokens_prompt: promptTokens,
    native_tokens_completion: completionTokens,
    native_tokens_cached: generation.cachedTokens,
    native_tokens_reasoning: generation.reasoningTokens,
    native_tokens_completion_images: 0,
    streamed: generation.streamed,
    cancelled: generation.cancelled,
    finish_reason: generation.cancelled ? null : 'stop',
    native_finish_reason: generation.cancelled ? null : 'stop',
    latency: 321,
    generation_time: 654,
    moderation_latency: null,
    router: null,
    service_tier: null,
    provider_responses: [],
    app_id: null,
    origin: '',
    external_user: null,
    workspace_id: generation.key.workspace.id,
    data_region: 'global',
  };
}

function money(inference: Inference, input: string, output: string) {
  const { cost, upstreamCost, byok } = inference;
  const upstream = { upstream_inference_cost: usd(upstreamCost), [input]: 0, [output]: 0 };
  return { cost: usd(cost), is_byok: byok, cost_details: upstream };
}

function chatUsage(inference: Inference) {
  const { prompt, completion, cached, reasoning } = inference.tokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning },
    ...money(inference, 'upstream_inference_prompt_cost', 'upstream_inference_completions_cost'),
  };
}

const chatHead = ({ id, model, provider, created }: Inference, object: string) => ({
  id,
  object,
  created,
  model: model.id,
  provider,
});

const textOf = ({ words }: Inference) => words.join('');

function chatMessage(inference: Inference) {
  const { toolCall } = inference;
  const said = toolCall ? { content: null, tool_calls: chatToolCalls(toolCall) } : { content: textOf(inference) };
  return { role: 'assistant', refusal: null, ...said };
}

function chatEnd({ toolCall }: Inference) {
  const reason = toolCall ? 'tool_calls' : 'stop';
  return { index: 0, finish_reason: reason, native_finish_reason: reason };
}

/** `POST /chat/completions`, and `/completions`, which says `text` instead of a message. */
function completions(call: Call, isChat: boolean): Answer {
  const piece = (text: string) => (isChat ? { delta: { role: 'assistant', content: text } } : { text });
  const { usageOn } = call.world.behaviour.completion;
  return infer(call, {
    apiType: 'completions',
    whole: (inference) => ({
      ...chatHead(inference, isChat ? 'chat.completion' : 'text_completion'),
      choices: [
        { ...chatEnd(inference), ...(isChat ? { message: chatMessage(inference) } : { text: textOf(inference) }) },
      ],
      usage: chatUsage(inference),
    }),
    *events(inference) {
      const head = chatHead(inference, isChat ? 'chat.completion.chunk' : 'text_completion');
      yield PROCESSING;
      const { words, toolCall } = inference;
      const deltas = toolCall ? [...chatToolDeltas(toolCall)].map((delta) => ({ delta })) : words.map(piece);
      for (const delta of deltas) yield { ...head, choices: [{ index: 0, ...delta, finish_reason: null }] };
      const usage = { usage: chatUsage(inference) };
      yield {
        ...head,
        choices: [{ ...chatEnd(inference), ...piece('') }],
        ...(usageOn === 'last-choice' ? usage : {}),
      };
      if (usageOn === 'own-chunk') yield { ...head, choices: [], ...usage };
      yield DONE;
    },
  });
}

export const completeChat = (call: Call): Answer => completions(call, true);
export const completeText = (call: Call): Answer => completions(call, false);

export function embed(call: Call): Answer {
  const input = Array.isArray(call.body.input) ? call.body.input : [call.body.input];
  return infer(call, {
    apiType: 'embeddings',
    whole: (inference) => ({
      id: inference.id,
      object: 'list',
      model: inference.model.id,
      data: input.map((_, index) => ({ object: 'embedding', index, embedding: [0.25, -0.5, 0.125] })),
      usage: {
        prompt_tokens: inference.tokens.prompt,
        total_tokens: inference.tokens.prompt,
        ...money(inference, 'upstream_inference_prompt_cost', 'upstream_inference_completions_cost'),
      },
    }),
  });
}

const responseText = (text: string) => ({ type: 'output_text', text, annotations: [] });
const responseItem = (text: string) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [responseText(text)],
});

function* responseTextEvents(inference: Inference) {
  const whole = textOf(inference);
  const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const item = { ...responseItem(''), status: 'in_progress', content: [] };
  yield { type: 'response.output_item.added', output_index: 0, item };
  yield { type: 'response.content_part.added', ...at, part: responseText('') };
  for (const delta of inference.words) yield { type: 'response.output_text.delta', ...at, delta };
  yield { type: 'response.output_text.done', ...at, text: whole };
  yield { type: 'response.content_part.done', ...at, part: responseText(whole) };
  yield { type: 'response.output_item.done', output_index: 0, item: responseItem(whole) };
}

/** `POST /responses`, OpenAI's newer shape. */
export function respond(call: Call): Answer {
  const usage = (inference: Inference) => {
    const { prompt, completion, cached, reasoning } = inference.tokens;
    return {
      input_tokens: prompt,
      input_tokens_details: { cached_tokens: cached },
      output_tokens: completion,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: prompt + completion,
      ...money(inference, 'upstream_inference_input_cost', 'upstream_inference_output_cost'),
    };
  };
  const whole = (inference: Inference) => {
    const { toolCall } = inference;
    return {
      id: inference.id,
      object: 'response',
      created_at: inference.created,
      model: inference.model.id,
      status: 'completed',
      output: [toolCall ? responseToolItem(toolCall) : responseItem(textOf(inference))],
      error: null,
      usage: usage(inference),
    };
  };
  return infer(call, {
    apiType: 'completions',
    whole,
    *events(inference) {
      yield PROCESSING;
      const response = whole(inference);
      yield { type: 'response.created', response: { ...response, status: 'in_progress', output: [], usage: null } };
      if (inference.toolCall) yield* responseToolEvents(inference.toolCall);
      else yield* responseTextEvents(inference);
      yield { type: 'response.completed', response };
      yield DONE;
    },
  });
}

const messageText = (inference: Inference) => ({ type: 'text', text: textOf(inference), citations: null });
const messageEnd = ({ toolCall }: Inference) => (toolCall ? 'tool_use' : 'end_turn');

function* messageTextEvents({ words }: Inference) {
  yield { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
  for (const text of words) yield { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } };
  yield { type: 'content_block_stop', index: 0 };
}

/** `POST /messages`, Anthropic's shape: cached tokens are not part of `input_tokens`, a stream tells no cost. */
export function message(call: Call): Answer {
  const usage = ({ tokens }: Inference) => ({
    input_tokens: tokens.prompt - tokens.cached,
    output_tokens: tokens.completion,
    cache_creation_input_tokens: null,
    cache_read_input_tokens: tokens.cached,
    cache_creation: null,
    server_tool_use: null,
    service_tier: 'standard',
  });
  const head = ({ id, model }: Inference) => ({ id, type: 'message', role: 'assistant', model: model.id });
  return infer(call, {
    apiType: 'completions',
    whole: (inference) => ({
      ...head(inference),
      content: [inference.toolCall ? messageToolBlock(inference.toolCall) : messageText(inference)],
      stop_reason: messageEnd(inference),
      stop_sequence: null,
      usage: {
        ...usage(inference),
        ...money(inference, 'upstream_inference_prompt_cost', 'upstream_inference_completions_cost'),
      },
    }),
    *events(inference) {
      const open = { ...head(inference), content: [], stop_reason: null, stop_sequence: null };
      yield { type: 'message_start', message: { ...open, usage: { ...usage(inference), output_tokens: 1 } } };
      if (inference.toolCall) yield* messageToolEvents(inference.toolCall);
      else yield* messageTextEvents(inference);
      const delta = { stop_reason: messageEnd(inference), stop_sequence: null };
      yield { type: 'message_delta', delta, usage: usage(inference) };
      yield { type: 'message_stop' };
    },
  });
}
