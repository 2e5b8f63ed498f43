import { createHash } from 'node:crypto';
import { type Nanos, nanosOf } from './money.ts';

export interface Model {
  id: string;
  permaslug: string;
  name: string;
  contextLength: number;
  providers: string[];
  /** USD per token, as texts. */
  prices: { prompt: string; completion: string; cached?: string };
  output: 'text' | 'embeddings';
}

const text = (
  id: string,
  permaslug: string,
  name: string,
  contextLength: number,
  providers: string[],
  prices: Model['prices'],
): Model => ({ id, permaslug, name, contextLength, providers, prices, output: 'text' });

/** The models on offer. Prices are whole nano-dollars per token, so that every cost is exact. */
export const MODELS: Model[] = [
  text(
    'openai/gpt-4.1-mini',
    'openai/gpt-4.1-mini-2025-04-14',
    'OpenAI: GPT-4.1 Mini',
    1_047_576,
    ['OpenAI', 'Azure'],
    {
      prompt: '0.0000004',
      completion: '0.0000016',
      cached: '0.0000001',
    },
  ),
  text('openai/gpt-4.1', 'openai/gpt-4.1-2025-04-14', 'OpenAI: GPT-4.1', 1_047_576, ['OpenAI', 'Azure'], {
    prompt: '0.000002',
    completion: '0.000008',
    cached: '0.0000005',
  }),
  text(
    'anthropic/claude-sonnet-4.5',
    'anthropic/claude-4.5-sonnet-20250929',
    'Anthropic: Claude Sonnet 4.5',
    1_000_000,
    ['Anthropic', 'Amazon Bedrock', 'Google'],
    { prompt: '0.000003', completion: '0.000015', cached: '0.0000003' },
  ),
  text('google/gemini-2.5-flash', 'google/gemini-2.5-flash', 'Google: Gemini 2.5 Flash', 1_048_576, ['Google'], {
    prompt: '0.0000003',
    completion: '0.0000025',
    cached: '0.000000075',
  }),
  text(
    'meta-llama/llama-3.3-70b-instruct',
    'meta-llama/llama-3.3-70b-instruct',
    'Meta: Llama 3.3 70B Instruct',
    131_072,
    ['DeepInfra', 'Together', 'Groq'],
    { prompt: '0.000000038', completion: '0.00000012' },
  ),
  text('deepseek/deepseek-r1:free', 'deepseek/deepseek-r1', 'DeepSeek: R1 (free)', 163_840, ['Chutes'], {
    prompt: '0',
    completion: '0',
  }),
  {
    id: 'openai/text-embedding-3-small',
    permaslug: 'openai/text-embedding-3-small',
    name: 'OpenAI: Text Embedding 3 Small',
    contextLength: 8192,
    providers: ['OpenAI'],
    prices: { prompt: '0.00000002', completion: '0' },
    output: 'embeddings',
  },
];

export const USUAL_MODEL = MODELS[0]!;

export function findModel(id: string): Model | undefined {
  return MODELS.find((model) => model.id === id);
}

/** The lasting name of a model; one that is not on offer any more has only the one it is given. */
export function permaslugOf(model: string): string {
  return findModel(model)?.permaslug ?? model;
}

export function priceOf(model: Model, promptTokens: number, completionTokens: number, cachedTokens: number): Nanos {
  const { prompt, completion, cached = prompt } = model.prices;
  return (
    BigInt(promptTokens - cachedTokens) * nanosOf(prompt) +
    BigInt(cachedTokens) * nanosOf(cached) +
    BigInt(completionTokens) * nanosOf(completion)
  );
}

/** Always the same UUID for the same words. */
export function uuidOf(...words: string[]): string {
  const hex = createHash('sha256').update(words.join('\n')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function modelAnswer(model: Model): Record<string, unknown> {
  const { prompt, completion, cached } = model.prices;
  return {
    id: model.id,
    canonical_slug: model.permaslug,
    name: model.name,
    created: 1_744_651_381,
    description: `${model.name}, as the simulator offers it.`,
    context_length: model.contextLength,
    architecture: {
      modality: `text->${model.output}`,
      input_modalities: ['text'],
      output_modalities: [model.output],
      tokenizer: 'Other',
      instruct_type: null,
    },
    pricing: { prompt, completion, ...(cached ? { input_cache_read: cached } : {}) },
    top_provider: { context_length: model.contextLength, max_completion_tokens: 32_768, is_moderated: false },
    per_request_limits: null,
    supported_parameters: ['max_tokens', 'temperature', 'stop'],
    default_parameters: null,
    supported_voices: null,
    links: { details: `/api/v1/models/${model.permaslug}/endpoints` },
  };
}
