// What the gateway costs: throughput, added latency and added time to first byte against an upstream on loopback that
// answers at once, beside the same upstream asked directly and through the least proxy that undici can be.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import autocannon from 'autocannon';
import { Agent, request } from 'undici';
import { median, percentile, report } from './report.ts';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
const CONNECTIONS = 16;
const ROUNDS = 3;
const SAMPLES = 2_000;
const STREAMS = Number(process.env.BENCH_STREAMS ?? 500);
const KEY = `sk-auto-${'k'.repeat(43)}`;
const HEADERS = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
const QUESTION = { model: 'openai/gpt-5', messages: [{ role: 'user', content: 'x'.repeat(200) }] };
const PLAIN = JSON.stringify(QUESTION);
const STREAMING = JSON.stringify({ ...QUESTION, stream: true });
const BRIEF_STREAM = JSON.stringify({ ...QUESTION, stream: true, user: 'brief' });

interface Server {
  name: string;
  url: string;
  process: ChildProcess;
}

async function start(name: string, path: string, target = ''): Promise<Server> {
  const child = fork(new URL('gateway.servers.ts', import.meta.url), [name, target], { stdio: 'inherit' });
  const [port] = (await once(child, 'message')) as [number];
  return { name, url: `http://127.0.0.1:${port}${path}`, process: child };
}

async function throughput({ url }: Server): Promise<number> {
  const options = { url, method: 'POST', headers: HEADERS, body: PLAIN, connections: CONNECTIONS } as const;
  const result = await autocannon({ ...options, duration: SECONDS });
  if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx + result.errors} requests failed at ${url}.`);
  return result.requests.average;
}

/** Until the first byte of the answer's body is here, one request after the other. */
async function firstBytes({ url }: Server, body: string): Promise<number[]> {
  const agent = new Agent({ allowH2: false });
  const times: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const began = performance.now();
    const answer = await request(url, { method: 'POST', headers: HEADERS, body, dispatcher: agent });
    answer.body.once('data', () => times.push(performance.now() - began));
    await once(answer.body, 'end');
  }
  await agent.close();
  return times;
}

/** How long events of many parallel streams took from the upstream to here. */
async function eventDelays({ url }: Server): Promise<number[]> {
  const agent = new Agent({ allowH2: false });
  const delays: number[] = [];
  const listen = async () => {
    const answer = await request(url, { method: 'POST', headers: HEADERS, body: STREAMING, dispatcher: agent });
    let text = '';
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      const now = process.hrtime.bigint();
      text += chunk.toString();
      for (const [, sent] of text.matchAll(/"content":"(\d+)"/g)) delays.push(Number(now - BigInt(sent!)) / 1e6);
      text = text.slice(text.lastIndexOf('\n\n') + 1);
    }
  };
  await Promise.all(Array.from({ length: STREAMS }, listen));
  await agent.close();
  return delays;
}

async function memory({ process: child }: Server): Promise<number> {
  child.send('memory');
  const [{ rss }] = (await once(child, 'message')) as [{ rss: number }];
  return rss / 2 ** 20;
}

const path = '/v1/chat/completions';
const upstream = await start('upstream', path);
const target = new URL(upstream.url).origin;
const servers = [
  upstream,
  await start('pass-through', `/proxy${path}`, target),
  await start('gateway', `/proxy${path}`, target),
];

const speeds = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
const plain = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
const streamed = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
for (let round = 0; round <= ROUNDS; round++) {
  for (const server of servers) {
    const speed = await throughput(server);
    const times = await firstBytes(server, PLAIN);
    const streamTimes = await firstBytes(server, BRIEF_STREAM);
    // The first round only warms everything up.
    if (round === 0) continue;
    speeds.get(server.name)!.push(speed);
    plain.get(server.name)!.push(...times);
    streamed.get(server.name)!.push(...streamTimes);
  }
}

const direct = median(plain.get('upstream')!);
const directStream = median(streamed.get('upstream')!);
const rows: Record<string, unknown>[] = [];
for (const server of servers) {
  const before = await memory(server);
  const delays = await eventDelays(server);
  const after = await memory(server);
  rows.push({
    server: server.name,
    requests_per_second: Math.round(median(speeds.get(server.name)!)),
    median_ms: milliseconds(median(plain.get(server.name)!)),
    added_median_ms: milliseconds(median(plain.get(server.name)!) - direct),
    p99_ms: milliseconds(percentile(plain.get(server.name)!, 0.99)),
    stream_first_byte_added_ms: milliseconds(median(streamed.get(server.name)!) - directStream),
    event_delay_median_ms: milliseconds(median(delays)),
    event_delay_p95_ms: milliseconds(percentile(delays, 0.95)),
    memory_added_mb: Math.round(after - before),
  });
}
const conditions = { connections: CONNECTIONS, seconds: SECONDS, rounds: ROUNDS, answer_bytes: 600, streams: STREAMS };
report('gateway', conditions, rows);
for (const { process: child } of servers) child.disconnect();

function milliseconds(time: number): number {
  return Math.round(time * 1000) / 1000;
}
