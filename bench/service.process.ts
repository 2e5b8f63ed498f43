// The built service in a process of its own, and calls to it whose times are all kept.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { Pool } from 'undici';
import { median, percentile } from './report.ts';

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
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const answer = await fetch(`${url}/ready`).catch(() => undefined);
    if (answer?.ok) return { url, process: child, readyAfterMs: performance.now() - began };
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export async function stop({ process: child }: Service): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** What a row of a table says about one question. */
export type Figures = Record<string, number>;

/** Asks the same again and again over so many connections; the processor's time is that of the service alone. */
export async function ask(
  service: Service,
  path: string,
  credential: string,
  { connections = 8, seconds = Number(process.env.BENCH_SECONDS ?? 5) } = {},
): Promise<Figures> {
  const pool = new Pool(service.url, { connections, pipelining: 1 });
  const headers = { authorization: `Bearer ${credential}` };
  const times: number[] = [];
  let errors = 0;
  let until = performance.now() + 1_000;
  const loop = async () => {
    while (performance.now() < until) {
      const began = performance.now();
      const { statusCode, body } = await pool.request({ path, method: 'GET', headers });
      await body.arrayBuffer();
      times.push(performance.now() - began);
      if (statusCode !== 200) errors++;
    }
  };
  const all = () => Promise.all(Array.from({ length: connections }, loop));
  // A second to warm up.
  await all();
  times.length = 0;
  const before = processorMs(service);
  const began = performance.now();
  until = began + seconds * 1000;
  await all();
  const elapsed = performance.now() - began;
  const used = processorMs(service) - before;
  await pool.destroy();
  return {
    'per second': Math.round((times.length / elapsed) * 1000),
    'CPU ms each': round(used / times.length),
    'per CPU second': Math.round((times.length / used) * 1000),
    'median ms': round(median(times)),
    'p95 ms': round(percentile(times, 0.95)),
    'p99 ms': round(percentile(times, 0.99)),
    errors,
    'RSS MB': Math.round(memory(service)),
  };
}

export function memory({ process: { pid } }: Service): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kilobytes) / 1024;
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Linux counts it in hundredths of a second. */
function processorMs({ process: { pid } }: Service): number {
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
