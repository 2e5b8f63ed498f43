import { pino } from 'pino';
import { HttpOpenRouter } from '../../src/open-router/open-router.http.js';
import type { Clock } from '../../src/shared/time/clock.port.js';
import { Config } from '../../src/shared/config.js';

/** The HTTP adapter as the service has it, asking the OpenRouter at `url`; what it logs goes into `logs`. */
export function httpOpenRouter(url: string, clock: Clock, timeoutMs = 60_000, logs: string[] = []): HttpOpenRouter {
  const config = Config.from({
    ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64url'),
    JWT_SECRET: 'a secret for tests that has enough bytes',
    OPENROUTER_BASE_URL: url,
    OPENROUTER_TIMEOUT_MS: String(timeoutMs),
  });
  return new HttpOpenRouter(config, clock, pino({ level: 'trace' }, { write: (line: string) => void logs.push(line) }));
}
