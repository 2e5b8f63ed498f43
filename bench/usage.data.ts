// People and their usage, of any size and the same at every run: what the benchmarks of reading ask about.
import type { SqlEntityManager } from '@mikro-orm/sql';
import { fillInBulk, isSqlite, numbers } from './bulk.tables.ts';

export const KEYS = 20;
export const DAYS = 365;
export const MODELS = 30;
/** One person's year. */
export const ROWS_OF_A_PERSON = KEYS * DAYS * MODELS;

export const dayAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
/** The year that everybody has usage of, as the API is asked for it. */
export const YEAR = `start_date=${dayAgo(DAYS - 1)}&end_date=${dayAgo(0)}`;

const COLUMNS = `user_id, api_key_id, date, model, requests, tokens_input, tokens_output, cost_nanos, byok_cost_nanos`;
const SUMS = ['row_count', 'requests', 'tokens_input', 'tokens_output', 'cost_nanos'];

/** Adds people until there are so many, each with so many keys and a year of usage up to today, in UTC. */
export async function addPeople(em: SqlEntityManager, people: number, keys: number): Promise<void> {
  const [{ known }] = await em.execute<[{ known: number }]>('select count(*) as known from users');
  const first = Number(known) + 1;
  if (first > people) return;
  const yes = isSqlite(em) ? '1' : 'true';
  const now = isSqlite(em) ? "strftime('%s', 'now') * 1000" : 'now()';
  await em.execute(
    `insert into users (id, email, email_key, password_hash, role, is_active, created_at)
     select u.n, 'p' || u.n || '@example.org', 'p' || u.n || '@example.org', 'x', 'user', ${yes}, ${now}
     from ${numbers(em, 'u', first, people)}`,
  );
  await em.execute(
    `insert into api_keys (id, user_id, name, kind, status, is_switched_on, created_at, usage_total_nanos)
     select (u.n - 1) * ${keys} + k.n, u.n, 'key ' || k.n, 'standard', 'valid', ${yes}, ${now}, 0
     from ${numbers(em, 'u', first, people)} cross join ${numbers(em, 'k', 1, keys)}`,
  );
  if (!isSqlite(em)) for (const table of ['users', 'api_keys']) await goOnFromHere(em, table);
  await fillInBulk(em, ['usage_days'], async () => {
    for (let ago = DAYS - 1; ago >= 0; ago--) await addDay(em, ago, first, people, keys);
  });
  await addUp(em, first, people);
}

/** PostgreSQL does not notice numbers that it has not given out itself. */
async function goOnFromHere(em: SqlEntityManager, table: string): Promise<void> {
  await em.execute(`select setval(pg_get_serial_sequence('${table}', 'id'), max(id)) from ${table}`);
}

/** Everybody's day, as a sync leaves it: one person's rows after the other's. */
function addDay(em: SqlEntityManager, ago: number, first: number, last: number, keys: number): Promise<unknown> {
  return em.execute(
    `insert into usage_days (${COLUMNS})
     select u.n, (u.n - 1) * ${keys} + k.n, '${dayAgo(ago)}', 'provider-' || (m.n % 6) || '/model-' || m.n,
       1 + (${ago} * 7 + k.n * 3 + m.n + u.n) % 50, 1000 + (${ago} * 131 + k.n * 17 + m.n * 7 + u.n) % 9000,
       200 + (${ago} * 37 + k.n * 11 + m.n * 5 + u.n) % 3000,
       1000000 + (${ago} * 7919 + k.n * 104729 + m.n * 1299709 + u.n * 15485863) % 90000000, 0
     from ${numbers(em, 'u', first, last)} cross join ${numbers(em, 'k', 1, keys)} cross join ${numbers(em, 'm', 0, MODELS - 1)}
     order by u.n, k.n, m.n`,
  );
}

/** What the triggers would have made of the rows of new people, in four statements; the contract of the sums is the same. */
async function addUp(em: SqlEntityManager, first: number, last: number): Promise<void> {
  const add = (table: string, keys: string, from: string, count: string) => {
    const sums = SUMS.map((sum) => `cast(sum(${sum === 'row_count' ? count : sum}) as bigint)`).join(', ');
    return em.execute(
      `insert into ${table} (${keys}, ${SUMS.join(', ')}) select ${keys}, ${sums} from ${from}
       where user_id between ${first} and ${last} group by ${keys}`,
    );
  };
  await add('usage_sums_by_day_and_model', 'user_id, date, model', 'usage_days', '1');
  await add('usage_sums_by_day_and_key', 'user_id, date, api_key_id', 'usage_days', '1');
  await add('usage_sums_by_day', 'user_id, date', 'usage_sums_by_day_and_key', 'row_count');
  await add('usage_sums_by_key', 'user_id, api_key_id', 'usage_sums_by_day_and_key', 'row_count');
}
