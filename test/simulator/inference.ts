import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { findModel, type Model, priceOf } from './catalogue.ts';
import { type Nanos, nanosOf } from './money.ts';
import { type ToolCall, toolCallFor } from './tool-calls.ts';
import { type Answer, type Call, type Generation, Refusal } from './world.ts';

/** One inference, decided upon before a byte of it is sent. */
export interface Inference {
  call: Call;
  id: string;
  model: Model;
  provider: string;
  words: string[];
  /** Said instead of the words. */
  toolCall: ToolCall | null;
  created: number;
  isStream: boolean;
  tokens: { prompt: number; completion: number; reasoning: number; cached: number };
  byok: boolean;
  /** What the account is charged, and what the provider is paid by its own key. */
  cost: Nanos;
  upstreamCost: Nanos;
}

/** How one endpoint says things. */
export interface Dialect {
  apiType: string;
  whole(inference: Inference): Record<string, unknown>;
  /** The events of a stream. */
  events?(inference: Inference): Iterable<object | string>;
}

/** Checks what OpenRouter checks, books what it costs and answers in the words of the endpoint. */
export function infer(call: Call, dialect: Dialect): Answer {
  const inference = plan(call);
  const headers = { 'x-generation-id': inference.id };
  const { events } = dialect;
  if (inference.isStream && events) {
    return { headers, events: stream(inference, dialect, events(inference)) };
  }
  book(inference, dialect, false, 1);
  return { headers, body: dialect.whole(inference) };
}

function plan(call: Call): Inference {
  const { body, world } = call;
  const { completion } = world.behaviour;
  const model = modelFrom(body.model);
  refuseSpent(call, model);
  const words = completion.text.split(/(?<= )/);
  const input = body.messages ?? body.input ?? body.prompt ?? '';
  const most = Number(body.max_tokens ?? body.max_completion_tokens ?? body.max_output_tokens ?? Infinity);
  const spoken = model.output === 'embeddings' ? 0 : words.length + completion.reasoningTokens;
  const tokens = {
    prompt: completion.promptTokens ?? Math.ceil(JSON.stringify(input).length / 4),
    completion: Math.min(completion.completionTokens ?? spoken, most),
    reasoning: completion.reasoningTokens,
    cached: completion.cachedTokens,
  };
  const listed = priceOf(model, tokens.prompt, tokens.completion, tokens.cached);
  const price = completion.cost === undefined ? listed : nanosOf(completion.cost);
  return {
    call,
    id: `gen-${Math.floor(world.now().getTime() / 1000)}-${randomBytes(10).toString('hex')}`,
    model,
    provider: completion.provider ?? model.providers[0]!,
    words: words.slice(0, most),
    toolCall: toolCallFor(call),
    created: Math.floor(world.now().getTime() / 1000),
    isStream: body.stream === true,
    tokens,
    byok: completion.byok,
    cost: completion.byok ? 0n : price,
    upstreamCost: price,
  };
}

function modelFrom(name: unknown): Model {
  if (typeof name !== 'string' || name === '') throw new Refusal(400, 'No models provided');
  const model = findModel(name);
  if (!model) throw new Refusal(400, `${name} is not a valid model ID`);
  return model;
}

function refuseSpent({ key, world }: Call, model: Model): void {
  const { account } = key;
  if (key.isManagement) throw new Refusal(403, 'Management keys cannot be used for inference');
  if (key.limitRemaining !== null && key.limitRemaining <= 0n) {
    throw new Refusal(
      world.behaviour.keyLimitStatus,
      `Key limit exceeded (${key.limitReset ?? 'total'} limit). Manage it using https://openrouter.ai/settings/keys`,
      { limit_source: 'openrouter_key_limit' },
    );
  }
  const budget = key.narrowestBudget;
  if (budget && key.remainingOf(budget) <= 0n) {
    const source = budget.scope === 'workspace' ? 'openrouter_workspace_budget' : 'openrouter_guardrail_budget';
    throw new Refusal(403, 'Budget limit exceeded', { limit_source: source, ...key.asBudgetAnswer(budget) });
  }
  const balance = account.credits - account.used;
  if (balance < 0n || (balance === 0n && !model.id.endsWith(':free'))) {
    throw new Refusal(402, 'Insufficient credits. Add more using https://openrouter.ai/settings/credits', {
      limit_source: 'openrouter_credits',
    });
  }
}

/** A client that hangs up ends the generation: it pays for the part it was sent. */
async function* stream(
  inference: Inference,
  dialect: Dialect,
  events: Iterable<object | string>,
): AsyncGenerator<string> {
  const all = [...events];
  const { chunkDelayMs } = inference.call.world.behaviour.completion;
  let sent = 0;
  try {
    for (const event of all) {
      if (chunkDelayMs > 0) await pause(chunkDelayMs);
      yield typeof event === 'string' ? event : asEvent(event);
      sent++;
    }
  } finally {
    book(inference, dialect, sent < all.length, sent / all.length);
  }
}

export function asEvent(event: object): string {
  const { type } = event as { type?: string };
  return `${type === undefined ? '' : `event: ${type}\n`}data: ${JSON.stringify(event)}\n\n`;
}

function book(inference: Inference, dialect: Dialect, cancelled: boolean, share: number): void {
  const { call, model, tokens, byok } = inference;
  const completionTokens = cancelled ? Math.floor(tokens.completion * share) : tokens.completion;
  const asPlanned = completionTokens === tokens.completion;
  const price = asPlanned ? inference.upstreamCost : priceOf(model, tokens.prompt, completionTokens, tokens.cached);
  const cost = byok ? 0n : price;
  const counts = {
    promptTokens: tokens.prompt,
    completionTokens,
    reasoningTokens: Math.min(tokens.reasoning, completionTokens),
    cachedTokens: tokens.cached,
  };
  const where = { model: model.id, provider: inference.provider };
  call.key.spend({ ...where, ...counts, cost, byokCost: byok ? price : 0n });
  const generation: Generation = {
    ...where,
    ...counts,
    id: inference.id,
    key: call.key,
    createdAt: call.world.now(),
    permaslug: model.permaslug,
    apiType: dialect.apiType,
    streamed: inference.isStream,
    cancelled,
    cost,
    upstreamCost: price,
    byok,
    misses: call.world.behaviour.generationMisses,
  };
  call.world.generations.set(generation.id, generation);
}
