// `npm run demo`: the service on a throw-away database, beside a simulated OpenRouter with 90 days of usage, a demo user,
// keys of every state and a gateway that works. Everything is gone after Ctrl-C.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildDemoWorld, DEMO_DAYS } from '../test/simulator/demo-world.ts';
import { startSimulator } from '../test/simulator/simulator.ts';
import { buildIfNeeded } from './set-up.mjs';

const EMAIL = 'demo@example.com';
const PATIENCE_MS = 60_000;
const GRACE_MS = 15_000;

const secret = () => randomBytes(32).toString('base64url');
const password = `demo-${randomBytes(6).toString('hex')}`;
const adminToken = secret();
const folder = mkdtempSync(join(tmpdir(), 'openrouter-monitor-demo-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

let service;
let simulator;
let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));

try {
  buildIfNeeded();
  // OpenRouter tells 30 completed days; the demo's tells all of them, so that the first sync finds a past.
  simulator = await startSimulator({ activityDays: DEMO_DAYS });
  const world = buildDemoWorld(simulator);
  const port = await freePort(Number(process.env.PORT || 3000));
  const url = `http://localhost:${port}`;
  await startService(url, port, world);
  const demo = await furnish(url, world);
  print(url, demo);
} catch (error) {
  if (!isStopping) {
    process.stderr.write(`The demo could not start: ${String(error.message).replaceAll(/\s*\n\s*/g, ' ')}\n`);
    await stop(1);
  }
}

async function startService(url, port, { gateway }) {
  const upstream = { name: 'openrouter', provider: 'openrouter', base_url: simulator.url, api_key: gateway.secret };
  service = spawn(process.execPath, [join(import.meta.dirname, '../dist/src/main.js')], {
    cwd: folder,
    stdio: 'inherit',
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: `sqlite:${join(folder, 'demo.db')}`,
      ENCRYPTION_KEY: secret(),
      JWT_SECRET: secret(),
      ADMIN_TOKEN: adminToken,
      OPENROUTER_BASE_URL: simulator.url,
      UPSTREAMS: JSON.stringify([{ ...upstream, is_default: true }]),
      UPSTREAM_ALLOWED_CIDRS: '127.0.0.1/32',
      // A refused key is asked again before that counts; nobody wants to wait minutes for that here.
      VALIDATION_CONFIRM_SECONDS: '1',
      LOG_LEVEL: process.env.LOG_LEVEL || 'warn',
    },
  });
  service.once('exit', (code) => {
    if (isStopping) return;
    process.stderr.write(`The service of the demo has stopped by itself (exit code ${code}).\n`);
    void stop(1);
  });
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isUp(url))) {
    if (service.exitCode !== null) throw new Error('the service has stopped, see above.');
    if (Date.now() > deadline) throw new Error(`the service does not answer on ${url}.`);
    await pause(100);
  }
}

/** Does over HTTP what a new user and an operator do. Returns what they have to know. */
async function furnish(url, world) {
  const user = await logIn(url);
  const registered = [{ name: world.management.name, key: world.management.secret }].concat(
    world.registered.map(({ name, secret: key }) => ({ name, key })),
  );
  for (const body of registered) await call(url, 'POST', '/api/keys', { as: user, body });
  await call(url, 'POST', '/admin/jobs/usage-sync/run', { as: adminToken });
  world.letTimePass();
  await call(url, 'POST', '/admin/jobs/key-validation/run', { as: adminToken });
  await call(url, 'POST', '/admin/jobs/usage-sync/run', { as: adminToken });
  const { token } = await call(url, 'POST', '/api/tokens', { as: user, body: { name: 'demo' } });
  const clientKey = await openGateway(url);
  return { token, clientKey };
}

async function logIn(url) {
  const body = { email: EMAIL, password };
  await call(url, 'POST', '/api/auth/register', { body });
  return (await call(url, 'POST', '/api/auth/login', { body })).access_token;
}

/** Gives out a client key and sends a few requests through the gateway, so that its log has something to show. */
async function openGateway(url) {
  const { items } = await call(url, 'GET', '/admin/upstreams', { as: adminToken });
  const body = { name: 'demo', upstream_ids: items.map(({ id }) => id) };
  const { key_value: clientKey } = await call(url, 'POST', '/admin/keys', { as: adminToken, body });
  const messages = [{ role: 'user', content: 'Good day!' }];
  for (const model of ['openai/gpt-4.1-mini', 'anthropic/claude-sonnet-4.5', 'google/gemini-2.5-flash']) {
    for (const stream of [false, true]) {
      await call(url, 'POST', '/proxy/v1/chat/completions', { as: clientKey, body: { model, messages, stream } });
    }
  }
  return clientKey;
}

async function call(url, method, path, { as, body } = {}) {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(as ? { authorization: `Bearer ${as}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`);
  return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined;
}

function print(url, { token, clientKey }) {
  process.stdout.write(`
  OpenRouter Monitor, with a simulated OpenRouter and ${DEMO_DAYS} days of usage

    Open          ${url}            (API: ${url}/docs)
    Log in        ${EMAIL}  ${password}
    Admin token   ${adminToken}   (opens /admin)
    API token     ${token}

    What was used, for programs:
      curl -H 'Authorization: Bearer ${token}' ${url}/api/v1/stats

    A model through the gateway:
      curl ${url}/proxy/v1/chat/completions -H 'Authorization: Bearer ${clientKey}' \\
        -H 'Content-Type: application/json' \\
        -d '{"model":"openai/gpt-4.1-mini","messages":[{"role":"user","content":"Hello"}]}'

  Ctrl-C stops it and removes everything.

`);
}

async function isUp(url) {
  const answer = await fetch(`${url}/health`).catch(() => null);
  return answer?.ok ?? false;
}

/** `wanted`, or any other port where that one is taken. */
function freePort(wanted) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () => (wanted === 0 ? reject(new Error('no port is free.')) : resolve(freePort(0))));
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function stop(code) {
  if (isStopping) return;
  isStopping = true;
  if (service && service.exitCode === null && service.signalCode === null) {
    const ended = new Promise((resolve) => service.once('exit', resolve));
    service.kill('SIGTERM');
    const killer = setTimeout(() => service.kill('SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(killer);
  }
  await simulator?.close();
  process.exit(code);
}
