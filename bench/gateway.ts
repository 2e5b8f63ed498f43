// What the gateway costs: throughput, added latency and added time to first byte against an upstream on loopback that
// answers at once, beside the same upstream asked directly, the least proxy that undici can be, and Portkey's gateway.
import { firstBytes, BRIEF_STREAM, load, type Load, PLAIN, streams } from './gateway.measures.ts';
import {
  onPostgres,
  onSqlite,
  type Peer,
  PORTKEY,
  portkeyVersions,
  startGateway,
  startPassThrough,
  startPortkey,
  startUpstream,
} from './gateway.peers.ts';
import { median, percentile, report } from './report.ts';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
const CONNECTIONS = 16;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const SAMPLES = Number(process.env.BENCH_SAMPLES ?? 1_000);
const STREAMS = Number(process.env.BENCH_STREAMS ?? 500);
const ONLY = process.env.BENCH_ONLY?.split(';');

interface Figures {
  loads: Load[];
  plain: number[];
  streamed: number[];
}

async function startAll(): Promise<Peer[]> {
  const upstream = await startUpstream();
  const target = new URL(upstream.url).origin;
  const postgres = await onPostgres();
  const redisUrl = process.env.TEST_REDIS_URL;
  const scaled = redisUrl ? await onPostgres() : null;
  const peers = [
    upstream,
    await startPassThrough(target),
    await startPortkey(target),
    await startGateway('gateway, SQLite', target, onSqlite()),
    await startGateway('gateway, SQLite, budget', target, onSqlite(true)),
    postgres && (await startGateway('gateway, PostgreSQL', target, postgres)),
    scaled && (await startGateway('gateway, PostgreSQL, Redis', target, { ...scaled, redisUrl })),
  ];
  return peers.filter((peer) => peer !== null);
}

/** One peer after the other, round by round, so that whatever else the machine does hits all of them. */
async function measure(peers: Peer[]): Promise<Map<Peer, Figures>> {
  const figures = new Map<Peer, Figures>(peers.map((peer) => [peer, { loads: [], plain: [], streamed: [] }]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [peer, { loads, plain, streamed }] of figures) {
      const found = [
        await load(peer, CONNECTIONS, SECONDS),
        await firstBytes(peer, PLAIN, SAMPLES),
        await firstBytes(peer, BRIEF_STREAM, SAMPLES),
      ] as const;
      // The first round only warms everything up.
      if (round === 0) continue;
      loads.push(found[0]);
      plain.push(...found[1]);
      streamed.push(...found[2]);
    }
  }
  return figures;
}

const peers = await startAll();
const measured = peers.filter(({ name }) => !ONLY || ONLY.some((wanted) => name === wanted));
try {
  const figures = await measure(measured);
  const direct = figures.get(peers[0]!) ?? { loads: [], plain: [0], streamed: [0] };
  const rows: Record<string, unknown>[] = [];
  for (const [peer, { loads, plain, streamed }] of figures) {
    const before = peer.memory();
    const { delays, broken, memory } = await streams(peer, STREAMS);
    const times = loads.flatMap((one) => one.times);
    rows.push({
      server: peer.name,
      requests_per_second: Math.round(median(loads.map(({ requestsPerSecond }) => requestsPerSecond))),
      median_ms: milliseconds(median(times)),
      p95_ms: milliseconds(percentile(times, 0.95)),
      p99_ms: milliseconds(percentile(times, 0.99)),
      cpu_us_per_request: Math.round(median(loads.map(({ cpuPerRequest }) => cpuPerRequest))),
      errors: loads.reduce((sum, { errors }) => sum + errors, 0) + broken,
      added_median_ms: milliseconds(median(plain) - median(direct.plain)),
      stream_ttfb_added_ms: milliseconds(median(streamed) - median(direct.streamed)),
      event_delay_median_ms: milliseconds(median(delays)),
      event_delay_p95_ms: milliseconds(percentile(delays, 0.95)),
      memory_mb: megabytes(before),
      memory_streaming_mb: megabytes(memory),
    });
  }
  const conditions = {
    ...(measured.some(({ name }) => name === PORTKEY) ? { portkey: portkeyVersions() } : {}),
    connections: CONNECTIONS,
    seconds: SECONDS,
    rounds: ROUNDS,
    samples: SAMPLES * ROUNDS,
    answer_bytes: 600,
    streams: STREAMS,
    events_per_stream: 200,
    event_every_ms: Number(process.env.BENCH_EVENT_MS ?? 50),
  };
  report('gateway', conditions, rows);
} finally {
  for (const peer of peers.toReversed()) await peer.stop();
}

function milliseconds(time: number): number {
  return Math.round(time * 1000) / 1000;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
