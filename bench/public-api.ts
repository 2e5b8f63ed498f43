// How often the public API answers about one person's year (219,000 rows), with authentication, exact limits and the last
// use on, beside the same sums asked of the bare database by hand.
import { bareSql } from './bare.sql.ts';
import { report } from './report.ts';
import { letIn, seed } from './seed.data.ts';
import { ask, bearer, type Figures } from './service.asking.ts';
import { startBareNode, startService, stop } from './service.process.ts';
import { dayAgo, ROWS_OF_A_PERSON } from './usage.data.ts';
import { databases } from './usage.databases.ts';

const CONNECTIONS = 8;
/** A FastAPI and SQLAlchemy service over SQLite that does the same on such a machine, and fifty times that. */
const GOALS: Record<string, number> = {
  'stats, 30 days': 4_650,
  'stats, 365 days': 550,
  'usage, 32 days, 100': 1_300,
  'usage, 360 days, 1000': 125,
  keys: 185,
};

const range = (days: number) => `start_date=${dayAgo(days - 1)}&end_date=${dayAgo(0)}`;
const QUESTIONS: Record<string, string> = {
  'stats, 30 days': `/api/v1/stats?${range(30)}`,
  'stats, 365 days': `/api/v1/stats?${range(365)}`,
  'usage, 32 days, 100': `/api/v1/usage?${range(32)}`,
  'usage, 360 days, 1000': `/api/v1/usage?${range(360)}&limit=1000`,
  keys: '/api/v1/keys',
};

/** What the database itself takes to sum up 30 days of rows, and of days. */
async function bare(name: string, url: string): Promise<Figures> {
  const time = (table: string) =>
    bareSql(url, [
      [
        `select sum(requests), sum(cost_nanos) from ${table} where user_id = 1 and date between ? and ?`,
        [dayAgo(29), dayAgo(0)],
      ],
    ]);
  return {
    [`bare ${name}, rows, ms`]: await time('usage_days'),
    [`bare ${name}, sums, ms`]: await time('usage_sums_by_day'),
  };
}

const rows: Record<string, unknown>[] = [];
const reference: Figures = {};
for (const { name, url, remove } of await databases()) {
  await seed(url, { people: 1, logs: 0 });
  const [token] = await letIn(url);
  Object.assign(reference, await bare(name, url));
  const node = await startBareNode();
  rows.push({ database: 'none', question: 'bare node:http', ...(await ask(node, '/', {})) });
  await stop(node);
  const service = await startService(url);
  for (const [question, path] of Object.entries(QUESTIONS)) {
    const figures = await ask(service, path, bearer(token!), { connections: CONNECTIONS });
    rows.push({ database: name, question, goal: GOALS[question], ...figures });
  }
  await stop(service);
  await remove();
}
report('public-api', { rows: ROWS_OF_A_PERSON, connections: CONNECTIONS, ...reference }, rows);
