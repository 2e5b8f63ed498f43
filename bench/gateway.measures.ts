// What the gateway benchmark measures of one peer.
import { once } from 'node:events';
import autocannon from 'autocannon';
import { Agent, request } from 'undici';
import type { Peer } from './gateway.peers.ts';

const QUESTION = { model: 'openai/gpt-5', messages: [{ role: 'user', content: 'x'.repeat(200) }] };
export const PLAIN = JSON.stringify(QUESTION);
export const STREAM = JSON.stringify({ ...QUESTION, stream: true });
export const BRIEF_STREAM = JSON.stringify({ ...QUESTION, stream: true, user: 'brief' });

export interface Load {
  requestsPerSecond: number;
  errors: number;
  /** Processor time that the peer used for one of them, in microseconds. */
  cpuPerRequest: number;
  /** In milliseconds, of every request. */
  times: number[];
}

/** As many requests as it serves over some connections at once. */
export async function load(peer: Peer, connections: number, seconds: number): Promise<Load> {
  const times: number[] = [];
  const { url, headers } = peer;
  const before = peer.cpu();
  const options = { url, method: 'POST', headers, body: PLAIN, connections, duration: seconds } as const;
  const { requests, errors, non2xx } = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(options, (error, result) => (error ? reject(error as Error) : resolve(result)));
    run.on('response', (_client, _status, _bytes, time) => void times.push(time));
  });
  return {
    requestsPerSecond: requests.average,
    errors: errors + non2xx,
    cpuPerRequest: (peer.cpu() - before) / times.length,
    times,
  };
}

/** Until the first byte of the answer's body is here, in milliseconds, one request after the other; nothing of failed ones. */
export async function firstBytes({ url, headers }: Peer, body: string, samples: number): Promise<number[]> {
  const agent = new Agent({ allowH2: false });
  const times: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const began = performance.now();
    const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent });
    answer.body.once('data', () => answer.statusCode === 200 && times.push(performance.now() - began));
    await once(answer.body, 'end');
  }
  await agent.close();
  return times;
}

export interface Streams {
  /** How long each event took from the upstream to the client, in milliseconds. */
  delays: number[];
  broken: number;
  /** The most that the peer needed meanwhile, in bytes. */
  memory: number;
}

/** Many streams at the same time. */
export async function streams(peer: Peer, count: number): Promise<Streams> {
  const agent = new Agent({ allowH2: false });
  const delays: number[] = [];
  let broken = 0;
  let memory = peer.memory();
  const watch = setInterval(() => (memory = Math.max(memory, peer.memory())), 200);
  const listen = async () => {
    const { url, headers } = peer;
    const answer = await request(url, { method: 'POST', headers, body: STREAM, dispatcher: agent });
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}`);
    let rest = '';
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      const now = process.hrtime.bigint();
      const text = rest + chunk.toString();
      for (const [, sent] of text.matchAll(/"content":"(\d+)"/g)) delays.push(Number(now - BigInt(sent!)) / 1e6);
      rest = text.slice(text.lastIndexOf('\n\n') + 2);
      if (text.includes('data: [DONE]')) return;
    }
    broken++;
  };
  await Promise.all(Array.from({ length: count }, () => listen().catch(() => void broken++)));
  clearInterval(watch);
  await agent.destroy();
  return { delays, broken, memory };
}
