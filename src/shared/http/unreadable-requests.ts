import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problem } from './problem.js';
import { securityHeaders } from './security-headers.js';

const STATUS_OF: Record<string, number> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

const CODE_OF: Record<number, string> = {
  400: 'bad_request',
  408: 'request_timeout',
  413: 'body_too_large',
  431: 'headers_too_large',
};

const DETAIL_OF: Record<number, string> = {
  400: 'The request is not HTTP as this service reads it. Send it again with an ordinary HTTP client.',
  408: 'The request took too long to arrive. Send it again, faster.',
  413: 'The body is too large. Send it without chunk extensions.',
  431: 'The address and the headers are too large together. Shorten them.',
};

const HEADERS: [name: string, value: string][] = [
  ['Content-Type', 'application/problem+json; charset=utf-8'],
  ['Cache-Control', 'no-store'],
  ['Connection', 'close'],
];

/** Where Node keeps the answer that a connection is giving; it looks there itself before it refuses a request. */
const ANSWER = '_httpMessage';

/**
 * Answers what Node could not read as HTTP with a problem, and hangs up. No route and no hook ever sees such a request, so
 * what every other answer carries is put into this one here.
 */
export function refuserOfUnreadable(publicUrl: string) {
  const headers = [...securityHeaders(publicUrl), ...HEADERS];
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    if (socket.writable && !isAnswering(socket)) socket.write(answerTo(STATUS_OF[error.code ?? ''] ?? 400, headers));
    socket.destroy(error);
  };
}

/** Whether an answer has begun: whatever came now would be read as a part of it. */
function isAnswering(socket: Socket & { [ANSWER]?: { headersSent: boolean } | null }): boolean {
  return socket[ANSWER]?.headersSent ?? false;
}

function answerTo(status: number, headers: [name: string, value: string][]): string {
  const body = JSON.stringify(problem(status, CODE_OF[status]!, DETAIL_OF[status]!));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Date: ${new Date().toUTCString()}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
