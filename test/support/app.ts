import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { buildApp } from '../../src/app.js';
import type { Clock } from '../../src/shared/time/clock.port.js';
import { Config } from '../../src/shared/config.js';
import { newDatabase } from './database.ts';
import type { Dialect } from './services.ts';

/** The whole service on a database of its own, listening on loopback. */
export interface TestApp extends AsyncDisposable {
  nest: NestFastifyApplication;
  config: Config;
  /** For supertest: `request(app.url)`. */
  url: string;
  /** Everything that was logged so far, one JSON line each. */
  logs: string[];
}

export interface TestAppOptions {
  dialect?: Dialect;
  /** Settings that differ from those below, as they would stand in the environment. */
  env?: Record<string, string>;
  /** An existing database, for instance to start a second instance on it. */
  databaseUrl?: string;
  /** What time it is; the machine's own clock if not given. */
  clock?: Clock;
}

const ENVIRONMENT = {
  ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64url'),
  JWT_SECRET: 'a secret for tests that has enough bytes',
  ADMIN_TOKEN: 'an-admin-token-for-tests-long-enough',
  // Nothing listens there: a test that needs OpenRouter starts the simulator and names its address.
  OPENROUTER_BASE_URL: 'http://127.0.0.1:9/api/v1',
  SYNC_CRON: 'off',
  VALIDATION_CRON: 'off',
  CLEANUP_CRON: 'off',
  LOG_CLEANUP_CRON: 'off',
  // Tests of limits set their own; the others must not run into them.
  RATE_LIMIT_REQUESTS: '100000',
  RATE_LIMIT_IP_REQUESTS: '100000',
};

/** Starts the service as `npm start` would, jobs off, logs kept in memory. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { dialect = 'sqlite', env = {}, databaseUrl, clock } = options;
  const database = databaseUrl ? undefined : await newDatabase(dialect);
  const config = Config.from({ ...ENVIRONMENT, ...env, DATABASE_URL: databaseUrl ?? database!.url });
  const logs: string[] = [];
  const logger = pino({ level: config.LOG_LEVEL }, { write: (line: string) => void logs.push(line) });
  const nest = await buildApp(config, logger, clock);
  await nest.listen(0, '127.0.0.1');
  const { port } = nest.getHttpServer().address() as AddressInfo;
  return {
    nest,
    config,
    logs,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      await nest.close();
      await database?.[Symbol.asyncDispose]();
    },
  };
}
