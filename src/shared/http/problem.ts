import { HttpException } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { STATUS_CODES } from 'node:http';
import { DomainError, type FieldError, type Refusal } from '../errors.js';

const STATUS_OF: Record<Refusal, number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  unprocessable: 422,
  'too-many': 429,
  unavailable: 503,
};

/** Codes of the refusals that the web server itself makes. */
const CODE_OF: Record<number, string> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  408: 'request_timeout',
  413: 'body_too_large',
  414: 'address_too_long',
  415: 'unsupported_media_type',
  422: 'validation_failed',
  429: 'rate_limited',
  431: 'headers_too_large',
  503: 'unavailable',
};

/** How long whoever meets an outage should wait before the next try. */
const OUTAGE_SECONDS = 5;
/** Of Node, of PostgreSQL (no connection, no resources, shutting down) and of SQLite. */
const OUTAGE_CODE =
  /^(ECONN\w+|EPIPE|ETIMEDOUT|E(HOST|NET)UNREACH|ENOTFOUND|EAI_AGAIN|08\w{3}|53\w{3}|57P0\d|SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN)\w*)$/;
/** What pg says without a code when a connection ends or cannot be had in time. */
const OUTAGE_TEXT =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Sentences for refusals whose own text speaks of the web server's insides. */
const DETAIL_OF: Record<number, string> = {
  400: 'The request could not be understood.',
  404: 'There is nothing at this address.',
  405: 'Nothing can be done with this method here; the header `Allow` names those that can.',
  413: 'The body is too large.',
  415: 'Send the body as application/json.',
};

/** An RFC 9457 problem, as every error outside the proxy is answered. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: FieldError[];
}

/** Answers with the problem that tells of an exception, and with the headers that belong to it. */
export function refuse(reply: FastifyReply, thrown: unknown): void {
  const answer = problemOf(thrown);
  const retryAfter = retryAfterOf(thrown);
  if (retryAfter) reply.header('Retry-After', retryAfter);
  if (answer.status === 401) reply.header('WWW-Authenticate', 'Bearer');
  sendProblem(reply, answer);
}

/** Seconds after which the same request may succeed; undefined if nobody knows. */
export function retryAfterOf(thrown: unknown): number | undefined {
  if (thrown instanceof DomainError) return thrown.retryAfter;
  return isOutage(thrown) ? OUTAGE_SECONDS : undefined;
}

export function sendProblem(reply: FastifyReply, body: ProblemBody): void {
  reply
    .status(body.status)
    .header('Content-Type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(body));
}

/** The problem that tells of an exception. */
export function problemOf(thrown: unknown): ProblemBody {
  if (thrown instanceof DomainError) {
    return problem(STATUS_OF[thrown.refusal], thrown.code, thrown.message, thrown.errors);
  }
  if (isOutage(thrown))
    return problem(503, 'unavailable', 'Something that this service needs is away. Try again soon.');
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusOfServerError(thrown);
  const code = CODE_OF[status] ?? 'internal_error';
  return problem(status, code, DETAIL_OF[status] ?? `${STATUS_CODES[status] ?? 'Error'}.`);
}

export function problem(status: number, code: string, detail: string, errors?: FieldError[]): ProblemBody {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    ...(errors && { errors }),
  };
}

/** Whether something that the service needs, such as the database, is away or overwhelmed, and may be back soon. */
function isOutage(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  return ('code' in thrown && OUTAGE_CODE.test(String(thrown.code))) || OUTAGE_TEXT.test(thrown.message);
}

/** Fastify's own errors (body too large, broken JSON) carry a `statusCode` below 500. */
function statusOfServerError(thrown: unknown): number {
  const status = thrown instanceof Error && 'statusCode' in thrown ? Number(thrown.statusCode) : 500;
  return status >= 400 && status < 600 ? status : 500;
}
