import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProxyRefusal } from './proxy-refusal.js';
import { announcesBody } from '../requests/request-headers.js';

const LINGER_MS = 2_000;

interface Kind {
  openAi: string;
  anthropic: string;
}

const INVALID: Kind = { openAi: 'invalid_request_error', anthropic: 'invalid_request_error' };
const BROKEN: Kind = { openAi: 'server_error', anthropic: 'api_error' };
const KINDS: Record<number, Kind> = {
  401: { openAi: 'authentication_error', anthropic: 'authentication_error' },
  402: { openAi: 'insufficient_quota', anthropic: 'billing_error' },
  403: { openAi: 'permission_error', anthropic: 'permission_error' },
  404: { openAi: 'invalid_request_error', anthropic: 'not_found_error' },
  413: { openAi: 'invalid_request_error', anthropic: 'request_too_large' },
  429: { openAi: 'rate_limit_error', anthropic: 'rate_limit_error' },
  503: { openAi: 'server_error', anthropic: 'overloaded_error' },
  504: { openAi: 'server_error', anthropic: 'timeout_error' },
};

/** Answers in the words of the API that the client speaks: Anthropic's below `/v1/messages`, OpenAI's elsewhere. */
export function sendRefusal(req: IncomingMessage, res: ServerResponse, refusal: ProxyRefusal, path: string): void {
  const { status, code, message } = refusal;
  const kind = KINDS[status] ?? (status < 500 ? INVALID : BROKEN);
  const isAnthropic = path === '/v1/messages' || path.startsWith('/v1/messages/');
  const body = isAnthropic
    ? { type: 'error', error: { type: kind.anthropic, message, code } }
    : { error: { message, type: kind.openAi, code, param: null } };
  sendJson(req, res, status, body, refusal.headers);
}

/** Sends a whole answer of the gateway's own. */
export function sendJson(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  body: object,
  headers: readonly string[] = [],
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  const common = ['content-type', 'application/json', 'content-length', String(bytes.length)];
  const isUnread = !req.complete && announcesBody(req);
  if (isUnread && !headers.includes('connection')) common.push('connection', 'close');
  res.writeHead(status, [...common, 'cache-control', 'no-store', ...headers]);
  if (isUnread) sendAndLinger(req, res, bytes);
  else res.end(bytes);
}

/**
 * Closing while the client still sends would reset the connection, and the client might never see the answer: so the rest
 * is read and thrown away for a moment.
 */
function sendAndLinger(req: IncomingMessage, res: ServerResponse, bytes: Buffer): void {
  res.write(bytes);
  const end = () => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  req.once('end', end).once('close', end).resume();
}
