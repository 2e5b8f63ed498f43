import { JsonFields } from '../metering/json-fields.js';

const FIELDS = new Set(['model', 'models', 'stream', 'max_tokens', 'max_completion_tokens', 'max_output_tokens', 'n']);
const LONGEST_MODEL = 255;

/** What a client asks for, as far as limits and the ledger need it. */
export interface CallRequest {
  readonly method: string;
  /** Below `/v1`, with its leading slash. */
  readonly path: string;
  /** Null when the body names none, or does so in a way that two readers could take differently: then nobody knows which will answer. */
  readonly model: string | null;
  /** OpenRouter's `models`: any of them may answer too. */
  readonly fallbackModels: readonly string[];
  readonly isStream: boolean;
  /** The most tokens that one answer may have, if the request bounds it. */
  readonly maxTokens: number | null;
  /** How many answers are wanted at once. */
  readonly choices: number;
  readonly bodyBytes: number;
}

/** Reads along while a request's body arrives. */
export class RequestReader {
  private readonly fields = new JsonFields(FIELDS);

  read(chunk: Buffer): void {
    this.fields.read(chunk);
  }

  request(method: string, path: string, bodyBytes: number): CallRequest {
    const { fields } = this;
    return {
      method,
      path,
      bodyBytes,
      ...modelsIn(fields),
      isStream: fields.textOf('stream') === 'true',
      maxTokens:
        count(fields.valueOf('max_completion_tokens')) ??
        count(fields.valueOf('max_tokens')) ??
        count(fields.valueOf('max_output_tokens')),
      choices: count(fields.valueOf('n')) ?? 1,
    };
  }
}

type Models = Pick<CallRequest, 'model' | 'fallbackModels'>;
const NO_MODELS: Models = { model: null, fallbackModels: [] };

/** All of the models that are named, or none: whoever is held to some must not slip another one in. */
function modelsIn(fields: JsonFields): Models {
  if (!fields.isClear) return NO_MODELS;
  const [model, models] = [fields.valueOf('model') ?? null, fields.valueOf('models') ?? []];
  if (!Array.isArray(models)) return NO_MODELS;
  const names = [...(model === null ? [] : [model]), ...(models as unknown[])].map(modelName);
  if (names.includes(null)) return NO_MODELS;
  const known = names as string[];
  return model === null ? { model: null, fallbackModels: known } : { model: known[0]!, fallbackModels: known.slice(1) };
}

/** Null for what cannot be the name of a model, and for what a database cannot store: a limit must not take it for another one. */
export function modelName(value: unknown): string | null {
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_MODEL) return null;
  return value.isWellFormed() && !/\p{Cc}/u.test(value) ? value : null;
}

/** A count as a provider or a client writes it; null for anything else. */
export function count(value: unknown): number | null {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : null;
}
