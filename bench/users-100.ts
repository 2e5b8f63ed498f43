// A hundred people at once, each doing something about every second: log-ins, pages, the public API, calls through the
// gateway, while usage is synced again and again. BENCH_SOAK_MINUTES (1) is how long; ten show whether memory stays flat.
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { startUpstream } from './gateway.peers.ts';
import { median, percentile, report, round } from './report.ts';
import { letIn, seed } from './seed.data.ts';
import { startBareNode, startService, stop } from './service.process.ts';
import { DAYS, MODELS } from './usage.data.ts';
import { databases } from './usage.databases.ts';
import { type Action, actionsOn, type Person } from './users.actions.ts';
import { watch } from './users.watch.ts';
import { keepSyncing, settle, startOpenRouter } from './users.world.ts';

const PEOPLE = Number(process.env.BENCH_USERS ?? 100);
const KEYS = 2;
const LOGS = 200_000;
const MINUTES = Number(process.env.BENCH_SOAK_MINUTES ?? 1);
const WARM_UP_MS = 10_000;
/** Between an answer and the next question of the same person; on average, and as chance has it. */
const THINK_MS = 1_000;
const EVENT_MS = 5;
/** Whose usage is synced. */
const SYNCED = 20;

interface Found {
  action: Action;
  times: number[];
  errors: number;
}

/** The same chances at every run. */
let state = 1;
function chance(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

/** Everybody thinks, does something, and thinks again. */
async function live(people: Person[], actions: Action[], ms: number): Promise<Found[]> {
  const found = actions.map((action): Found => ({ action, times: [], errors: 0 }));
  const shares = found.flatMap((one) => Array.from({ length: one.action.share }, () => one));
  const until = performance.now() + ms;
  const life = async (person: Person) => {
    for (;;) {
      await pause(-Math.log(1 - chance()) * THINK_MS);
      if (performance.now() > until) return;
      const one = shares[Math.floor(chance() * shares.length)]!;
      await one.action.run(person).then(
        (time) => one.times.push(time),
        (error: unknown) => {
          if (one.errors++ === 0) console.error(String(error));
        },
      );
    }
  };
  await Promise.all(people.map(life));
  return found;
}

function rowOf(database: string, { action: { kind, goal }, times, errors }: Found): Record<string, unknown> {
  const figures = { 'median ms': median(times), 'p95 ms': percentile(times, 0.95), 'p99 ms': percentile(times, 0.99) };
  const rounded = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, round(value)]));
  return { database, action: kind, count: times.length, ...rounded, 'p95 wanted': goal, errors };
}

const rows: Record<string, unknown>[] = [];
const conditions: Record<string, unknown> = {
  people: PEOPLE,
  usage_rows: PEOPLE * KEYS * DAYS * MODELS,
  log_rows: LOGS,
  minutes: MINUTES,
  think_ms: THINK_MS,
  synced_accounts: SYNCED,
  'offered, a second': round((PEOPLE * 1_000) / THINK_MS),
};
const upstream = await startUpstream(EVENT_MS);
const bare = await startBareNode();
for (const { name, url, remove } of await databases()) {
  await seed(url, { people: PEOPLE, logs: LOGS, keys: KEYS });
  const openRouter = await startOpenRouter(SYNCED);
  const tokens = await letIn(url, PEOPLE);
  const service = await startService(url, {
    OPENROUTER_BASE_URL: openRouter.url,
    UPSTREAM_ALLOWED_CIDRS: '127.0.0.0/8',
  });
  const people = await settle(service, tokens, new URL(upstream.url).origin, openRouter.secrets);
  const agent = new Agent({ connections: PEOPLE, pipelining: 1 });
  const actions = actionsOn(agent, service.url, bare.url);
  const endSyncs = keepSyncing(service);
  await live(people, actions, WARM_UP_MS);
  const endWatch = await watch(service);
  const began = performance.now();
  const found = await live(people, actions, MINUTES * 60_000);
  const seconds = (performance.now() - began) / 1000;
  const seen = await endWatch();
  const syncs = await endSyncs();
  const done = found.reduce((sum, { times }) => sum + times.length, 0);
  const told = {
    'achieved, a second': round(done / seconds),
    ...seen,
    syncs: syncs.length,
    'sync, median ms': round(median(syncs)),
  };
  for (const [what, value] of Object.entries(told)) conditions[`${name}: ${what}`] = value;
  rows.push(...found.map((one) => rowOf(name, one)));
  await agent.close();
  await stop(service);
  openRouter.process.disconnect();
  await remove();
}
await stop(bare);
await upstream.stop();
report('users-100', conditions, rows);
