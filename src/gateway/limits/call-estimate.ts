import { Injectable } from '@nestjs/common';
import type { NanoUsd } from '../../shared/money.js';
import type { ModelPrice } from '../prices/model-price.entity.js';
import { PriceList } from '../prices/price-list.js';
import type { CallRequest } from '../proxy/requests/call-request.js';

/** Text has three to four bytes to a token, JSON around it included; two leave room for figures and rare scripts. */
const BYTES_PER_TOKEN = 2;
/** For models that are not on the list: those of the dearest in everyday use, 15 and 75 USD for a million tokens. */
const UNLISTED_PROMPT_NANOS = 15_000n;
const UNLISTED_COMPLETION_NANOS = 75_000n;
/** The longest answer of a model that is not on the list, where the request sets no bound. */
const UNLISTED_ANSWER_TOKENS = 8_192;

/** What is held back for a call while it runs: as much as it can cost, by the list of prices. */
@Injectable()
export class CallEstimate {
  constructor(private readonly prices: PriceList) {}

  /** Of several models that may answer, the dearest counts. */
  amountFor(provider: string, request: CallRequest): NanoUsd {
    const models = [request.model ?? '', ...request.fallbackModels];
    const amounts = models.map((model) => amountAt(this.prices.find(provider, model), request));
    return amounts.reduce((most, amount) => (amount > most ? amount : most));
  }
}

function amountAt(price: ModelPrice | null, { bodyBytes, maxTokens, choices, path }: CallRequest): NanoUsd {
  const context = price?.contextLength ?? Number.MAX_SAFE_INTEGER;
  const input = Math.min(Math.ceil(bodyBytes / BYTES_PER_TOKEN), context);
  const longest = price?.maxOutputTokens ?? price?.contextLength ?? UNLISTED_ANSWER_TOKENS;
  const answer = path === '/embeddings' ? 0 : Math.min(maxTokens ?? longest, context);
  const output = Math.min(answer * Math.max(1, choices), Number.MAX_SAFE_INTEGER);
  if (price) return price.mostFor(input, output);
  return BigInt(input) * UNLISTED_PROMPT_NANOS + BigInt(output) * UNLISTED_COMPLETION_NANOS;
}
