import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { Problem } from './problem.dto.js';

const MEANING = {
  400: 'What was asked for cannot be done; `code` says why.',
  401: 'The credential is missing, unknown, expired or revoked.',
  403: 'It belongs to somebody else, or the credential does not allow this.',
  404: 'There is no such thing.',
  409: 'What is going on right now rules it out.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'A field is missing, malformed or unknown; `errors` names it.',
  429: 'Too many requests. Wait as many seconds as `Retry-After` says.',
  503: 'The service is busy or waits for something it needs. Try again later.',
} as const;

const RETRY_AFTER = {
  'Retry-After': {
    description: 'Whole seconds after which the same request may succeed.',
    schema: { type: 'integer' as const, minimum: 1, example: 30 },
  },
};

/** A status with which this service turns a request down. */
export type RefusalStatus = keyof typeof MEANING;

/** Documents the statuses with which a route turns requests down; each is answered with a Problem. */
export const Refuses = (...statuses: RefusalStatus[]) =>
  applyDecorators(ApiExtraModels(Problem), ...statuses.map(documented));

function documented(status: RefusalStatus) {
  return ApiResponse({
    status,
    description: MEANING[status],
    content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
    ...(status === 429 && { headers: RETRY_AFTER }),
  });
}
