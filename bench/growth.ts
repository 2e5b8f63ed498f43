// What the same questions cost when the tables have grown from 219,000 rows (one person) to BENCH_PEOPLE persons' years,
// and the log likewise: a question should cost what its answer is long, not what others have stored.
import { ADMIN_TOKEN, ask, type Service, startService, stop } from './service.process.ts';
import { databases } from './usage.databases.ts';
import { EMAIL, letIn, PASSWORD, ROWS_OF_A_PERSON, seed } from './usage.data.ts';
import { report } from './report.ts';

const PEOPLE = Number(process.env.BENCH_PEOPLE ?? 46);
const SIZES = [1, PEOPLE].map((people) => ({ people, logs: people * ROWS_OF_A_PERSON }));
const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
const year = `start_date=${day(364)}&end_date=${day(0)}`;

async function logIn({ url }: Service): Promise<string> {
  const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${url}/api/auth/login`, { method: 'POST', headers, body });
  return ((await answer.json()) as { access_token: string }).access_token;
}

function questions(token: string, jwt: string): [name: string, path: string, credential: string][] {
  return [
    ['dashboard, 30 days', '/api/stats/dashboard', jwt],
    ['dashboard, 365 days', '/api/stats/dashboard?days=365', jwt],
    ['rows, first page', `/api/usage?${year}`, jwt],
    ['rows, last page', `/api/usage?${year}&skip=218900`, jwt],
    ['stats, 365 days', `/api/v1/stats?${year}`, token],
    ['usage, first page', `/api/v1/usage?${year}`, token],
    ['usage, last page', `/api/v1/usage?${year}&page=109`, token],
    ['keys', '/api/v1/keys', token],
    ['log, first page', '/admin/logs', ADMIN_TOKEN],
    ['log of a key', '/admin/logs?api_key_id=7', ADMIN_TOKEN],
    ['log, page 100', '/admin/logs?page=100', ADMIN_TOKEN],
    ['log, failures', '/admin/logs?status_code=502', ADMIN_TOKEN],
  ];
}

const rows: Record<string, unknown>[] = [];
for (const { name: database, url, remove } of await databases()) {
  for (const size of SIZES) {
    const began = performance.now();
    await seed(url, size);
    const seeded = Math.round((performance.now() - began) / 1000);
    console.log(`${database}: ${size.logs} rows of usage and as many of the log after ${seeded} seconds`);
    const token = await letIn(url);
    const service = await startService(url);
    for (const [question, path, credential] of questions(token, await logIn(service))) {
      rows.push({ database, rows: size.logs, question, ...(await ask(service, path, credential)) });
    }
    await stop(service);
  }
  await remove();
}
report('growth', { connections: 8 }, rows);
