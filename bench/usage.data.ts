// Usage and request logs of any size, the same at every run: what the benchmarks of reading ask about.
import type { Options } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import type { SqlEntityManager } from '@mikro-orm/sql';

export const KEYS = 20;
export const DAYS = 365;
export const MODELS = 30;
/** One person's year. */
export const ROWS_OF_A_PERSON = KEYS * DAYS * MODELS;

export const EMAIL = 'p1@example.org';
export const PASSWORD = 'a password for benchmarks';

const dist = <T>(path: string) => import(new URL(`../dist/src/${path}`, import.meta.url).href) as Promise<T>;

interface Size {
  people: number;
  logs: number;
}

/** Opens a database with the newest tables. */
export async function openDatabase(url: string): Promise<MikroORM> {
  const { databaseOptions } = await dist<{ databaseOptions(url: string): Options }>('database/mikro-orm.config.js');
  const orm = await MikroORM.init({ ...databaseOptions(url), allowGlobalContext: true });
  await (orm.migrator as Migrator).up();
  return orm;
}

/** Adds people until there are so many, and log rows likewise; the last day is today's, in UTC. */
export async function seed(url: string, { people, logs }: Size): Promise<void> {
  const orm = await openDatabase(url);
  const em = orm.em as SqlEntityManager;
  const words = wordsFor(url);
  const known = Number((await rows(em, 'select count(*) as n from users'))[0]!.n);
  for (let id = known + 1; id <= people; id++) await addPerson(em, id, words);
  const knownLogs = Number((await rows(em, 'select count(*) as n from request_logs'))[0]!.n);
  for (let first = knownLogs; first < logs; first += LOGS_AT_ONCE) {
    await em.execute(words.logs(first, Math.min(LOGS_AT_ONCE, logs - first)));
  }
  await em.execute(words.analyze);
  await orm.close();
}

const LOGS_AT_ONCE = 250_000;

function rows(em: SqlEntityManager, sql: string): Promise<Record<string, unknown>[]> {
  return em.execute(sql);
}

async function addPerson(em: SqlEntityManager, id: number, words: Words): Promise<void> {
  const { yes, now } = words;
  await em.transactional(async (tx) => {
    await tx.execute(
      `insert into users (id, email, email_key, password_hash, role, is_active, created_at)
       values (${id}, 'p${id}@example.org', 'p${id}@example.org', 'x', 'user', ${yes}, ${now})`,
    );
    for (let key = 1; key <= KEYS; key++) {
      await tx.execute(
        `insert into api_keys (id, user_id, name, kind, status, is_switched_on, created_at, usage_total_nanos)
         values (${(id - 1) * KEYS + key}, ${id}, 'key ${key}', 'standard', 'valid', ${yes}, ${now}, 0)`,
      );
    }
    await tx.execute(words.usage(id));
  });
}

/** Gives the first person the password above and a new token, whose text it returns. */
export async function letIn(url: string): Promise<string> {
  const [{ fingerprint }, { newTokenText }, { hashPassword }] = await Promise.all([
    dist<{ fingerprint(text: string): string }>('shared/secrets/secret.js'),
    dist<{ newTokenText(): string }>('tokens/token-text.js'),
    dist<{ hashPassword(password: string): Promise<string> }>('auth/passwords/password.js'),
  ]);
  const text = newTokenText();
  const orm = await openDatabase(url);
  const em = orm.em as SqlEntityManager;
  const { now } = wordsFor(url);
  await em.execute('update users set password_hash = ? where id = 1', [await hashPassword(PASSWORD)]);
  await em.execute('delete from api_tokens where user_id = 1');
  await em.execute(
    `insert into api_tokens (user_id, name, token_hash, created_at) values (1, 'bench', '${fingerprint(text)}', ${now})`,
  );
  await orm.close();
  return text;
}

function wordsFor(url: string): Words {
  return url.startsWith('sqlite:') ? SQLITE : POSTGRES;
}

interface Words {
  yes: string;
  now: string;
  analyze: string;
  usage(userId: number): string;
  logs(first: number, count: number): string;
}

const COLUMNS = `user_id, api_key_id, date, model, requests, tokens_input, tokens_output, cost_nanos, byok_cost_nanos`;
const FIGURES = `1 + (d * 7 + k * 3 + m) % 50, 1000 + (d * 131 + k * 17 + m * 7) % 9000,
  200 + (d * 37 + k * 11 + m * 5) % 3000, 1000000 + (d * 7919 + k * 104729 + m * 1299709) % 90000000, 0`;
const MODEL = `'provider-' || (m % 6) || '/model-' || m`;

const LOG_COLUMNS = `client_key_id, upstream_id, method, path, model, prompt_tokens, completion_tokens, total_tokens,
  cost_nanos, settlement, status_code, duration_ms, is_stream, created_at, settle_tries`;
const LOG_FIGURES = `1 + n % 200, 1 + n % 10, 'POST', '/v1/chat/completions', 'provider/model-' || (n % 30), n % 4000, n % 900,
  n % 4000 + n % 900, 1000000 + n % 90000, 'settled', case when n % 50 = 0 then 502 else 200 end, 100 + n % 5000`;
/** Log rows stand for ninety days, however many they are: the newest first, minutes apart. */
const LOG_SECONDS = 90 * 86_400;

const SQLITE: Words = {
  yes: '1',
  now: "strftime('%s', 'now') * 1000",
  analyze: 'analyze',
  usage: (userId) => `
    insert into usage_days (${COLUMNS})
    with recursive days(d) as (select 0 union all select d + 1 from days where d < ${DAYS - 1}),
      keys(k) as (select 1 union all select k + 1 from keys where k < ${KEYS}),
      models(m) as (select 0 union all select m + 1 from models where m < ${MODELS - 1})
    select ${userId}, ${(userId - 1) * KEYS} + k, date('now', '-' || d || ' days'), ${MODEL}, ${FIGURES}
    from days, keys, models order by d desc`,
  logs: (first, count) => `
    insert into request_logs (${LOG_COLUMNS})
    with recursive numbers(n) as (select ${first} union all select n + 1 from numbers where n < ${first + count - 1})
    select ${LOG_FIGURES}, n % 2,
      (strftime('%s', 'now') - ${LOG_SECONDS}) * 1000 + (n * 7919) % ${LOG_SECONDS} * 1000, 0 from numbers`,
};

const POSTGRES: Words = {
  yes: 'true',
  now: 'now()',
  analyze: 'analyze',
  usage: (userId) => `
    insert into usage_days (${COLUMNS})
    select ${userId}, ${(userId - 1) * KEYS} + k, to_char((now() at time zone 'UTC')::date - d, 'YYYY-MM-DD'), ${MODEL}, ${FIGURES}
    from generate_series(${DAYS - 1}, 0, -1) d, generate_series(1, ${KEYS}) k, generate_series(0, ${MODELS - 1}) m`,
  logs: (first, count) => `
    insert into request_logs (${LOG_COLUMNS})
    select ${LOG_FIGURES}, n % 2 = 1,
      now() - interval '1 second' * (${LOG_SECONDS} - (n::bigint * 7919) % ${LOG_SECONDS}), 0
    from generate_series(${first}, ${first + count - 1}) n`,
};
