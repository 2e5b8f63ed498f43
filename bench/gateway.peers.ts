// What the gateway benchmark compares: each of them in a process of its own, all before the same upstream on loopback.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PEERS = join(ROOT, 'bench/node_modules');
const PORTKEY_SERVER = join(PEERS, '@portkey-ai/gateway/build/start-server.js');
const ADMIN_TOKEN = 'an-admin-token-of-the-benchmark-long-enough';
const secret = () => randomBytes(32).toString('base64url');

/** Somebody who answers chat completions. */
export interface Peer {
  name: string;
  url: string;
  headers: Record<string, string>;
  /** Its resident memory, in bytes. */
  memory(): number;
  /** The processor time that it has used so far, in microseconds. */
  cpu(): number;
  stop(): Promise<void>;
}

/** `eventMs`: the time between two events of a stream; BENCH_EVENT_MS or 50 if not given. */
export async function startUpstream(eventMs?: number): Promise<Peer> {
  return forked('direct', 'upstream', '', eventMs === undefined ? {} : { BENCH_EVENT_MS: String(eventMs) });
}

/** `target` is the upstream's origin. */
export async function startPassThrough(target: string): Promise<Peer> {
  return forked('pass-through', 'pass-through', target);
}

export const PORTKEY = 'portkey';

/** All peers run on the Node that runs the benchmark. */
export function portkeyVersions(): string {
  const versionOf = (name: string) => {
    const manifest = JSON.parse(readFileSync(join(PEERS, name, 'package.json'), 'utf8')) as { version: string };
    return `${name} ${manifest.version}`;
  };
  const parts = [versionOf('@portkey-ai/gateway'), versionOf('@hono/node-server'), `Node ${process.versions.node}`];
  return parts.join(', ');
}

/** Null where it is not installed. */
export async function startPortkey(target: string): Promise<Peer | null> {
  if (!existsSync(PORTKEY_SERVER)) {
    console.log('Portkey is left out. To measure it too: npm ci --prefix bench --ignore-scripts --omit=optional');
    return null;
  }
  const port = await freePort();
  const child = spawn(process.execPath, [PORTKEY_SERVER, `--port=${port}`, '--headless'], { stdio: 'ignore' });
  const headers = {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${target}/v1`,
    authorization: 'Bearer sk',
  };
  return running(PORTKEY, `http://127.0.0.1:${port}/v1/chat/completions`, child, headers);
}

/**
 * The built service with its admin guard, keys, permissions, limits and log as they are; `budget` has every call reserve
 * and settle, too.
 */
export async function startGateway(name: string, target: string, options: GatewayOptions): Promise<Peer> {
  const port = await freePort();
  const child = spawn(process.execPath, ['dist/src/main.js'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      ENCRYPTION_KEY: secret(),
      JWT_SECRET: secret(),
      ADMIN_TOKEN,
      DATABASE_URL: options.databaseUrl,
      REDIS_URL: options.redisUrl,
      PORT: String(port),
      UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8',
      OPENROUTER_BASE_URL: `${target}/none`,
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'warn',
      ...(process.env.BENCH_NODE_OPTIONS ? { NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS } : {}),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const origin = `http://127.0.0.1:${port}`;
  const peer = await running(name, `${origin}/proxy/v1/chat/completions`, child, {});
  const upstream = {
    name: 'bench',
    provider: 'openai',
    base_url: `${target}/v1`,
    api_key: 'sk-upstream',
    timeout: 300,
  };
  const { id } = await created(origin, 'upstreams', upstream);
  const limits = { rpm: 1_000_000, tpm: 1_000_000_000, max_parallel: 1_000, models: ['openai/*'] };
  const budget = options.budget ? { budget_usd: 1_000_000, budget_period: 'month' } : {};
  const key = await created(origin, 'keys', { name: 'bench', upstream_ids: [id], limits: { ...limits, ...budget } });
  peer.headers.authorization = `Bearer ${key.key_value}`;
  return { ...peer, stop: () => peer.stop().then(options.cleanUp) };
}

export interface GatewayOptions {
  databaseUrl: string;
  budget: boolean;
  /** Where requests a minute are counted; without it, on PostgreSQL, in the database. */
  redisUrl?: string;
  cleanUp: () => void | Promise<void>;
}

export function onSqlite(budget = false): GatewayOptions {
  const folder = mkdtempSync(join(tmpdir(), 'monitor-bench-'));
  const cleanUp = () => rmSync(folder, { recursive: true, force: true });
  return { databaseUrl: `sqlite:${join(folder, 'monitor.db')}`, budget, cleanUp };
}

/** Null without TEST_POSTGRES_URL. */
export async function onPostgres(): Promise<GatewayOptions | null> {
  const server = process.env.TEST_POSTGRES_URL;
  if (!server) {
    console.log('PostgreSQL is left out. To measure it too, set TEST_POSTGRES_URL.');
    return null;
  }
  const name = `monitor_bench_${randomBytes(8).toString('hex')}`;
  const execute = async (sql: string) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await execute(`create database ${name}`);
  const databaseUrl = new URL(server);
  databaseUrl.pathname = `/${name}`;
  const cleanUp = () => execute(`drop database if exists ${name} with (force)`);
  return { databaseUrl: databaseUrl.href, budget: false, cleanUp };
}

async function forked(name: string, kind: string, target: string, settings: NodeJS.ProcessEnv = {}): Promise<Peer> {
  const env = { ...process.env, ...settings };
  const child = fork(new URL('gateway.servers.ts', import.meta.url), [kind, target], { stdio: 'inherit', env });
  const [port] = (await once(child, 'message')) as [number];
  return peerOf(name, `http://127.0.0.1:${port}/v1/chat/completions`, child, {});
}

async function running(name: string, url: string, child: ChildProcess, headers: Peer['headers']): Promise<Peer> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}.`);
    const answer = await fetch(new URL('/health', url)).catch(() => undefined);
    if (answer) return peerOf(name, url, child, headers);
    await pause(100);
  }
  throw new Error(`${name} does not answer.`);
}

function peerOf(name: string, url: string, child: ChildProcess, headers: Peer['headers']): Peer {
  return {
    name,
    url,
    headers: { 'content-type': 'application/json', ...headers },
    memory: () => residentBytes(child.pid!),
    cpu: () => cpuMicroseconds(child.pid!),
    stop: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/** Only Linux tells it this way; elsewhere it stays unknown. */
function residentBytes(pid: number): number {
  const path = `/proc/${pid}/status`;
  const kilobytes = existsSync(path) ? /VmRSS:\s+(\d+)/.exec(readFileSync(path, 'utf8'))?.[1] : undefined;
  return kilobytes === undefined ? Number.NaN : Number(kilobytes) * 1024;
}

/** In user and system mode, all threads; counted in hundredths of a second. */
function cpuMicroseconds(pid: number): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return Number.NaN;
  const fields = readFileSync(path, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function created(origin: string, what: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${origin}/admin/${what}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.status !== 201) throw new Error(`POST /admin/${what}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
