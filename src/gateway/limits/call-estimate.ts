import type { NanoUsd } from '../../shared/money.js';
import type { CallRequest } from '../proxy/requests/call-request.js';

/** 0.01 USD for each thousand tokens that an answer may have, and for each 4 kB that are sent. */
const NANOS_PER_TOKEN = 10_000n;
const BYTES_PER_TOKEN = 4;
/** Where the request sets no bound. */
const USUAL_ANSWER_TOKENS = 4_096;

/** What is held back for a call while it runs: the price of a dear model for as many tokens as it may use. */
export function amountToReserve({ bodyBytes, maxTokens, choices }: CallRequest): NanoUsd {
  const input = Math.ceil(bodyBytes / BYTES_PER_TOKEN);
  const output = (maxTokens ?? USUAL_ANSWER_TOKENS) * Math.max(1, choices);
  return BigInt(input + output) * NANOS_PER_TOKEN;
}
