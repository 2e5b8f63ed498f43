// What the same questions cost when the tables have grown from 219,000 rows (one person) to BENCH_PEOPLE persons' years,
// and the log likewise: a question should cost what its answer is long, not what others have stored.
import { bareSql } from './bare.sql.ts';
import { report } from './report.ts';
import { letIn, seed } from './seed.data.ts';
import { questions } from './growth.questions.ts';
import { ask, logIn } from './service.asking.ts';
import { startService, stop } from './service.process.ts';
import { dayAgo, ROWS_OF_A_PERSON } from './usage.data.ts';
import { databases } from './usage.databases.ts';

const CONNECTIONS = 8;
const PEOPLE = Number(process.env.BENCH_PEOPLE ?? 46);
const SIZES = [1, PEOPLE].map((people) => ({ people, logs: people * ROWS_OF_A_PERSON }));
/** Those alone whose name begins so. */
const ONLY = process.env.BENCH_ONLY ?? '';

/** What the database itself takes to sum up the 30 days of one person's rows. */
function bare(url: string): Promise<number> {
  const sql = 'select sum(requests), sum(cost_nanos) from usage_days where user_id = 1 and date between ? and ?';
  return bareSql(url, [[sql, [dayAgo(29), dayAgo(0)]]]);
}

const rows: Record<string, unknown>[] = [];
for (const { name: database, url, remove } of await databases()) {
  for (const size of SIZES) {
    const began = performance.now();
    await seed(url, size);
    const seeded = Math.round((performance.now() - began) / 1000);
    console.log(`${database}: ${size.logs} rows of usage and as many of the log after ${seeded} seconds`);
    const [token] = await letIn(url);
    const sized = { database, rows: size.logs };
    rows.push({ ...sized, question: 'bare SQL, 30 days of rows', 'median ms': await bare(url) });
    const service = await startService(url);
    for (const [question, path, headers] of questions(token!, await logIn(service))) {
      if (!question.startsWith(ONLY)) continue;
      rows.push({ ...sized, question, ...(await ask(service, path, headers, { connections: CONNECTIONS })) });
    }
    await stop(service);
  }
  await remove();
}
report('growth', { connections: CONNECTIONS }, rows);
