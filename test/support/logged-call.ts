import type { NewLoggedCall } from '../../src/gateway/request-logs/call-record.js';

/** A row of the log that says what `given` says, and otherwise what most rows say. */
export function loggedCall(given: Partial<NewLoggedCall> = {}): NewLoggedCall {
  return {
    clientKeyId: 1,
    upstreamId: 1,
    method: 'POST',
    path: '/v1/chat/completions',
    model: 'openai/gpt-4.1-mini',
    promptTokens: 1_200,
    completionTokens: 250,
    totalTokens: 1_450,
    cachedTokens: null,
    reasoningTokens: null,
    cost: 420_000n,
    byokCost: null,
    settlement: 'settled',
    generationId: null,
    statusCode: 200,
    durationMs: 840,
    ttftMs: 210,
    isStream: false,
    errorMessage: null,
    createdAt: new Date('2026-06-15T12:00:00.000Z'),
    settleAt: null,
    settleTries: 0,
    booked: null,
    bookedPeriod: null,
    bookedOn: null,
    ...given,
  };
}
