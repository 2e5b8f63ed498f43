// How often the public API answers about one person's year (219,000 rows), with authentication, exact limits and the last
// use on, beside the same sums asked of the bare database by hand.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import Database from 'better-sqlite3';
import { ask, type Figures, round, startService, stop } from './service.process.ts';
import { databases } from './usage.databases.ts';
import { letIn, ROWS_OF_A_PERSON, seed } from './usage.data.ts';
import { report } from './report.ts';

const CONNECTIONS = 8;
/** A FastAPI and SQLAlchemy service over SQLite that does the same on such a machine, and fifty times that. */
const GOALS: Record<string, number> = {
  'stats, 30 days': 4_650,
  'stats, 365 days': 550,
  'usage, 32 days, 100': 1_300,
  'usage, 360 days, 1000': 125,
  keys: 185,
};

const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
const range = (days: number) => `start_date=${day(days - 1)}&end_date=${day(0)}`;
const QUESTIONS: Record<string, string> = {
  'stats, 30 days': `/api/v1/stats?${range(30)}`,
  'stats, 365 days': `/api/v1/stats?${range(365)}`,
  'usage, 32 days, 100': `/api/v1/usage?${range(32)}`,
  'usage, 360 days, 1000': `/api/v1/usage?${range(360)}&limit=1000`,
  keys: '/api/v1/keys',
};

/** What SQLite itself takes to sum up 30 days of rows, and of days, one question after the other. */
function bare(url: string): Figures {
  const database = new Database(url.slice('sqlite:'.length), { readonly: true });
  const time = (table: string) => {
    const sum = database.prepare(
      `select sum(requests), sum(cost_nanos) from ${table} where user_id = 1 and date between ? and ?`,
    );
    sum.get(day(29), day(0));
    const began = performance.now();
    let times = 0;
    for (; performance.now() - began < 500; times++) sum.get(day(29), day(0));
    return round((performance.now() - began) / times);
  };
  const found = { 'bare SQLite, rows, ms': time('usage_days'), 'bare SQLite, sums, ms': time('usage_sums_by_day') };
  database.close();
  return found;
}

/** What Node itself takes to answer with a few bytes, asked in the same way at the same time. */
async function bareNode(): Promise<Figures> {
  const program = `require('node:http').createServer((q, a) => a.setHeader('content-type', 'application/json').end('{"a":"${'x'.repeat(200)}"}'))
    .listen(0, '127.0.0.1', function () { process.send(this.address().port) })`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [port] = (await once(child, 'message')) as [number];
  const figures = await ask({ url: `http://127.0.0.1:${port}`, process: child, readyAfterMs: 0 }, '/', 'x');
  child.kill();
  return figures;
}

const rows: Record<string, unknown>[] = [];
let reference: Figures = {};
for (const { name, url, remove } of await databases()) {
  await seed(url, { people: 1, logs: 0 });
  const token = await letIn(url);
  if (url.startsWith('sqlite:')) reference = bare(url);
  rows.push({ database: 'none', question: 'bare node:http', ...(await bareNode()) });
  const service = await startService(url);
  for (const [question, path] of Object.entries(QUESTIONS)) {
    const figures = await ask(service, path, token, { connections: CONNECTIONS });
    rows.push({ database: name, question, goal: GOALS[question], ...figures });
  }
  await stop(service);
  await remove();
}
report('public-api', { rows: ROWS_OF_A_PERSON, connections: CONNECTIONS, ...reference }, rows);
