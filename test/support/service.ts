import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { newDatabase } from './database.ts';
import { freePort } from './ports.ts';

/** The built service in a process of its own, as `npm run start:prod` runs it. */
export interface RunningService extends AsyncDisposable {
  url: string;
  process: ChildProcess;
  /** What it has written so far, both streams together. */
  output(): string;
}

export const SERVICE_ENVIRONMENT = {
  ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64url'),
  JWT_SECRET: 'a secret for tests that has enough bytes',
  ADMIN_TOKEN: 'an-admin-token-for-tests-long-enough',
  LOG_FORMAT: 'json',
  // Nothing listens there, and no job begins because a test runs at the hour: a test that wants either says so.
  OPENROUTER_BASE_URL: 'http://127.0.0.1:9/api/v1',
  SYNC_CRON: 'off',
  VALIDATION_CRON: 'off',
  CLEANUP_CRON: 'off',
  LOG_CLEANUP_CRON: 'off',
};

/** Starts `dist` on a free port, if none is given, and a database of its own, and waits until it answers. */
export async function startService(environment: Record<string, string> = {}): Promise<RunningService> {
  const database = environment.DATABASE_URL ? undefined : await newDatabase('sqlite');
  const port = environment.PORT ?? String(await freePort());
  const env = {
    PATH: process.env.PATH,
    ...SERVICE_ENVIRONMENT,
    DATABASE_URL: database?.url,
    PORT: port,
    ...environment,
  };
  const child = spawn(process.execPath, ['dist/src/main.js'], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(url, child, () => output);
  return {
    url,
    process: child,
    output: () => output,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await database?.[Symbol.asyncDispose]();
    },
  };
}

async function untilItAnswers(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}: ${output()}`);
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`The service does not answer: ${output()}`);
}
