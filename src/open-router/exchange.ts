import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { parseExactJson } from './exact-json.js';
import { OpenRouterUnavailable } from './open-router.port.js';

const MOST_BYTES = 5 * 1024 * 1024;
const CONNECTIONS = 32;
const CONNECT_MS = 5_000;
const RETRY_MS = 200;
const LONGEST_WAIT_SECONDS = 86_400;

/** The connection was refused or broke, perhaps because it had been idle for too long: worth a second try. */
const CONNECTION_ERRORS: readonly string[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** A question to OpenRouter. None of those this service asks changes anything there, so each may be asked twice. */
export interface Question {
  path: string;
  /** Whose question it is; null for what anybody may ask. */
  secret: string | null;
  query?: Record<string, string | number>;
  /** Makes it a POST. */
  body?: object;
  signal?: AbortSignal;
}

export interface Reply {
  status: number;
  /** Parsed, numbers as texts; undefined if it is not JSON. */
  body: unknown;
  isHtml: boolean;
  retryAfterSeconds: number | null;
}

/** Talks HTTP with OpenRouter: no redirects, one time limit over everything, no more bytes than can be meant. */
export class Exchange {
  private readonly agent: Agent;

  constructor(
    private readonly baseUrl: string,
    private readonly timeoutMs: number,
    private readonly now: () => Date,
  ) {
    this.agent = new Agent({
      connections: CONNECTIONS,
      connect: { timeout: Math.min(CONNECT_MS, timeoutMs) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      keepAliveTimeout: 10_000,
      maxResponseSize: MOST_BYTES,
      allowH2: false,
    });
  }

  /** Throws OpenRouterUnavailable when there is no answer, and the reason of `signal` when that has aborted. */
  async ask(question: Question): Promise<Reply> {
    const { signal } = question;
    const timeLimit = AbortSignal.timeout(this.timeoutMs);
    const either = signal ? AbortSignal.any([signal, timeLimit]) : timeLimit;
    try {
      return await this.tryTwice(question, either);
    } catch (error) {
      signal?.throwIfAborted();
      throw new OpenRouterUnavailable(this.sentenceFor(error, timeLimit.aborted));
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  private async tryTwice(question: Question, signal: AbortSignal): Promise<Reply> {
    try {
      return await this.try(question, signal);
    } catch (error) {
      if (!CONNECTION_ERRORS.includes(codeOf(error))) throw error;
      await pause(RETRY_MS, undefined, { signal });
      return this.try(question, signal);
    }
  }

  private async try({ path, secret, query, body }: Question, signal: AbortSignal): Promise<Reply> {
    const answer = await request(`${this.baseUrl}${path}`, {
      dispatcher: this.agent,
      method: body ? 'POST' : 'GET',
      query,
      body: body && JSON.stringify(body),
      headers: {
        accept: 'application/json',
        'user-agent': 'openrouter-monitor',
        ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      signal,
    });
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      body: parsed(text),
      isHtml: /^\s*</.test(text),
      retryAfterSeconds: this.secondsOf(answer.headers['retry-after']),
    };
  }

  /** Retry-After is a number of seconds or an HTTP date. */
  private secondsOf(header: string | string[] | undefined): number | null {
    const text = [header].flat()[0]?.trim();
    if (!text) return null;
    const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - this.now().getTime()) / 1000);
    return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 0), LONGEST_WAIT_SECONDS);
  }

  private sentenceFor(error: unknown, isLate: boolean): string {
    const code = codeOf(error);
    if (isLate || /TIMEOUT/.test(code)) return `OpenRouter did not answer within ${this.timeoutMs / 1000} seconds.`;
    if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'OpenRouter sent more than this service is willing to read.';
    return 'OpenRouter could not be reached.';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function parsed(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}
