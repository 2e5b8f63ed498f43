// The built service in a process of its own, and what the system tells of that process.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

export interface Service {
  url: string;
  process: ChildProcess;
  /** From the start of the process until it was ready, in milliseconds. */
  readyAfterMs: number;
}

const ENVIRONMENT = {
  ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
  JWT_SECRET: randomBytes(32).toString('base64url'),
  ADMIN_TOKEN: randomBytes(32).toString('base64url'),
  RATE_LIMIT_REQUESTS: '1000000000',
  LOGIN_MAX_ATTEMPTS: '100000',
  LOG_FORMAT: 'json',
  SYNC_CRON: 'off',
  VALIDATION_CRON: 'off',
  CLEANUP_CRON: 'off',
  LOG_CLEANUP_CRON: 'off',
};
export const ADMIN_TOKEN = ENVIRONMENT.ADMIN_TOKEN;

/** Those that run: none outlives a benchmark that fails. */
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Everything on that a company has on: authentication, exact limits, the last use, a log line for each request. */
export async function startService(databaseUrl: string, settings: Record<string, string> = {}): Promise<Service> {
  const port = await freePort();
  const env = { ...ENVIRONMENT, ...settings, DATABASE_URL: databaseUrl, PORT: String(port), PATH: process.env.PATH };
  const began = performance.now();
  const options = process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [];
  const child = spawn(process.execPath, [...options, 'dist/src/main.js'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.add(child);
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const answer = await fetch(`${url}/ready`).catch(() => undefined);
    if (answer?.ok) return { url, process: child, readyAfterMs: performance.now() - began };
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What Node itself takes to answer with a few bytes: the reference for everything that is asked at the same time. */
export async function startBareNode(): Promise<Service> {
  const program = `require('node:http').createServer((q, a) => a.setHeader('content-type', 'application/json').end('{"a":"${'x'.repeat(200)}"}'))
    .listen(0, '127.0.0.1', function () { process.send(this.address().port) })`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  running.add(child);
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}`, process: child, readyAfterMs: 0 };
}

export async function stop({ process: child }: Service): Promise<void> {
  running.delete(child);
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Resident, in megabytes. */
export function memory({ process: { pid } }: Service): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kilobytes) / 1024;
}

/** Files and connections that are open. */
export function openFiles({ process: { pid } }: Service): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Linux counts it in hundredths of a second. */
export function processorMs({ process: { pid } }: Service): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
