import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config.js';
import { censored } from './censored.js';
import { currentRequest } from './current-request.js';

/** SQLSTATEs about what is to be stored (classes 22 and 23): PostgreSQL's sentences quote it. */
const QUOTES_VALUES = /^2[23][0-9A-Z]{3}$/;

/** Structured logs, one JSON object a line (or readable lines on a terminal), with the request's id and without secrets. */
export function newLogger(config: Pick<Config, 'LOG_LEVEL' | 'LOG_FORMAT'>, destination?: DestinationStream): Logger {
  const format = config.LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json');
  const readable = format === 'pretty' ? pretty({ colorize: true, ignore: 'pid,hostname', destination }) : destination;
  const options = {
    level: config.LOG_LEVEL,
    base: undefined,
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: told },
    formatters: { log: (fields: object) => censored(fields) as Record<string, unknown> },
    mixin: () => {
      const requestId = currentRequest.getStore()?.id;
      return requestId ? { request_id: requestId } : {};
    },
  };
  return readable ? pino(options, readable) : pino(options);
}

/** What a log may tell of an error. Drivers hang more on theirs: PostgreSQL the values of the row that it turns down. */
function told(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, stack, cause } = error;
  const code = 'code' in error ? String(error.code) : undefined;
  const places = stack?.split('\n').filter((line) => line.startsWith('    at '));
  return {
    type: name,
    message: sentenceOf(error, code),
    code,
    stack: places?.join('\n'),
    ...(cause ? { cause: told(cause) } : {}),
  };
}

function sentenceOf({ message }: Error, code = ''): string {
  return QUOTES_VALUES.test(code) ? `PostgreSQL refuses it (${code}).` : message.split(/\s+- detail:/)[0]!;
}

/** What Nest and its modules say goes into the same log. */
export class NestLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: 'trace' | 'debug' | 'warn' | 'error' | 'fatal', message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const err = message instanceof Error ? message : rest.find((part) => part instanceof Error);
    this.logger[level]({ context, err }, message instanceof Error ? message.message : String(message));
  }
}
