// The gateway's log, of any size and the same at every run, and what its tables of sums make of it.
import type { SqlEntityManager } from '@mikro-orm/sql';
import { dist, fillInBulk, isSqlite, numbers } from './bulk.tables.ts';

const DAYS = 90;
const DAY_MS = 86_400_000;
const CLIENT_KEYS = 200;
const UPSTREAMS = 10;
const MODELS = 30;

/** Adds rows until there are so many: spread over ninety days up to now, in the order in which they would have come. */
export async function addLogs(em: SqlEntityManager, logs: number): Promise<void> {
  const [{ known }] = await em.execute<[{ known: number }]>('select count(*) as known from request_logs');
  const first = Number(known);
  if (first >= logs) return;
  if (first === 0) await addClients(em);
  const start = Date.now() - DAYS * DAY_MS;
  const ofDay = (day: number) => first + Math.floor(((logs - first) * day) / DAYS);
  await makeRoom(em, start);
  await fillInBulk(em, ['request_logs'], async () => {
    for (let day = 0; day < DAYS; day++) await addDay(em, start + day * DAY_MS, ofDay(day), ofDay(day + 1) - 1);
  });
  await addHours(em, first);
  await addSpend(em);
  const { recountLogs } = await dist<{ recountLogs(em: SqlEntityManager): Promise<void> }>(
    'gateway/request-logs/counts/recount-logs.mikro.js',
  );
  await recountLogs(em);
}

interface LogDays {
  missing(days: string[]): Promise<string[]>;
  makeRoom(day: string): Promise<void>;
}

/** The days of the log are made before their rows come. */
async function makeRoom(em: SqlEntityManager, start: number): Promise<void> {
  const { MikroLogDays } = await dist<{ MikroLogDays: new (em: SqlEntityManager) => LogDays }>(
    'gateway/request-logs/days/log-days.mikro.js',
  );
  const days = Array.from({ length: DAYS + 1 }, (_, day) => new Date(start + day * DAY_MS).toISOString().slice(0, 10));
  for (const day of await new MikroLogDays(em).missing(days)) {
    await em.fork().transactional((tx) => new MikroLogDays(tx as SqlEntityManager).makeRoom(day));
  }
}

/** Keys of clients, and upstreams that keys of the first person stand behind. */
async function addClients(em: SqlEntityManager): Promise<void> {
  const [yes, no] = isSqlite(em) ? ['1', '0'] : ['true', 'false'];
  const now = instant(em, `${Date.now()}`);
  await em.execute(
    `insert into upstreams (name, provider, base_url, api_key_id, timeout_seconds, is_default, is_active, created_at, updated_at)
     select 'upstream ' || u.n, 'openrouter', 'https://openrouter.ai/api/v1', u.n, 60, ${no}, ${yes}, ${now}, ${now}
     from ${numbers(em, 'u', 1, UPSTREAMS)}`,
  );
  await em.execute(
    `insert into client_keys (name, key_hash, key_prefix, upstream_ids, created_at, changed_in)
     select 'client ' || k.n, 'hash ' || k.n, 'sk-auto-abcd', '[1]', ${now}, 0 from ${numbers(em, 'k', 1, CLIENT_KEYS)}`,
  );
}

/** A few keys make most of the calls, each has its upstream and three models; six calls of a hundred fail. */
async function addDay(em: SqlEntityManager, startMs: number, first: number, last: number): Promise<void> {
  if (last < first) return;
  const drawn = `select n, ${draw(2_246_822_519)} * ${draw(2_246_822_519)} / 65536 * ${CLIENT_KEYS} / 65536 as k,
    ${draw(3_266_489_917)} * 1000 / 65536 as luck, ${draw(668_265_263)} as size, ${draw(374_761_393)} * 3 / 65536 as choice
    from ${numbers(em, 'drawn', first, last)}`;
  const told = (figure: string) => `case when luck < 940 then ${figure} end`;
  const isStream = isSqlite(em) ? 'n % 2' : 'n % 2 = 1';
  await em.execute(
    `insert into request_logs (client_key_id, upstream_id, method, path, model, prompt_tokens, completion_tokens,
       total_tokens, cost_nanos, settlement, generation_id, status_code, duration_ms, is_stream, error_message, created_at,
       settle_tries)
     select 1 + k, 1 + k % ${UPSTREAMS}, 'POST', '/v1/chat/completions', 'provider/model-' || ((k * 7 + choice) % ${MODELS}),
       ${told('20 + size % 4000')}, ${told('5 + size % 900')}, ${told('25 + size % 4000 + size % 900')},
       ${told('1000000 + size * 900')}, case when luck < 940 then 'settled' else 'unknown' end, ${told(`'gen-' || n`)},
       case when luck < 940 then 200 when luck < 965 then 429 when luck < 980 then 400 when luck < 995 then 502 else 0 end,
       100 + size % 5000, ${isStream}, case when luck >= 980 then 'bad_gateway' end,
       ${instant(em, `${startMs} + (n - ${first}) * ${DAY_MS} / ${last - first + 1}`)}, 0
     from (${drawn}) calls order by n`,
  );
}

/** The hours of the rows from one on, as the gateway sums them up when it writes them. */
function addHours(em: SqlEntityManager, first: number): Promise<unknown> {
  const hour = isSqlite(em)
    ? `strftime('%Y-%m-%dT%H', created_at / 1000, 'unixepoch')`
    : `to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24')`;
  return em.execute(
    `insert into gateway_usage_hours (client_key_id, hour, upstream_id, model, requests, failed, prompt_tokens,
       completion_tokens, cached_tokens, reasoning_tokens, cost_nanos, byok_cost_nanos, unsettled)
     select client_key_id, ${hour}, upstream_id, model, count(*), sum(case when status_code = 200 then 0 else 1 end),
       coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0), 0, 0, coalesce(sum(cost_nanos), 0), 0, 0
     from request_logs where id > ${first} group by 1, 2, 3, 4 order by 1, 2, 3, 4
     on conflict (client_key_id, hour, upstream_id, model) do update set
       ${['requests', 'failed', 'prompt_tokens', 'completion_tokens', 'cost_nanos'].map(added).join(', ')}`,
  );
}

async function addSpend(em: SqlEntityManager): Promise<void> {
  await em.execute('delete from gateway_spend_days');
  await em.execute(
    `insert into gateway_spend_days (upstream_id, date, cost_nanos)
     select upstream_id, substr(hour, 1, 10), sum(cost_nanos) from gateway_usage_hours group by 1, 2`,
  );
}

const added = (column: string) => `${column} = gateway_usage_hours.${column} + excluded.${column}`;

/** A number below 65,536 that looks like chance and is the same for the same `n`, on both databases. */
function draw(factor: number): string {
  return `(n * ${factor} % 4294967296 / 65536)`;
}

/** As it is stored, from milliseconds. */
function instant(em: SqlEntityManager, ms: string): string {
  return isSqlite(em) ? ms : `to_timestamp((${ms}) / 1000.0)`;
}
