import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { newDatabase } from './database.ts';

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
  ADMIN_TOKEN: 'an admin token for tests, long enough',
  LOG_FORMAT: 'json',
};

/** Starts `dist` on a free port and a database of its own, and waits until it answers. */
export async function startService(environment: Record<string, string> = {}): Promise<RunningService> {
  const database = environment.DATABASE_URL ? undefined : await newDatabase('sqlite');
  const port = String(await freePort());
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

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function untilItAnswers(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}: ${output()}`);
    const answer = await fetch(`${url}/health`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`The service does not answer: ${output()}`);
}
