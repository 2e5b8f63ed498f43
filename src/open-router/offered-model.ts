/** What a model costs, in USD as exact decimal texts: per token, and `request` per call. Null where nothing is listed. */
export interface ModelRates {
  /** They hold for prompts of at least as many tokens. */
  fromPromptTokens: number;
  /** They hold on a condition that nobody can check here, such as a time of the day. */
  isSometimes: boolean;
  prompt: string;
  completion: string;
  request: string | null;
  cacheRead: string | null;
  cacheWrite: string | null;
  reasoning: string | null;
}

/** A model on OpenRouter's price list (`GET /models`). */
export interface OfferedModel {
  id: string;
  /** Its lasting name, under which answers name it. */
  slug: string | null;
  contextLength: number | null;
  maxOutputTokens: number | null;
  /** The usual ones first; of those that hold for a call, the last one counts. */
  rates: ModelRates[];
}
