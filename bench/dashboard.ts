// What a look at the dashboard costs over one person's year (219,000 rows), one after the other: as a page and as JSON,
// beside the bare database that is asked for the same sums by hand.
import { bareSql } from './bare.sql.ts';
import { report } from './report.ts';
import { letIn, seed } from './seed.data.ts';
import { ask, bearer, cookie, logIn } from './service.asking.ts';
import { startBareNode, startService, stop } from './service.process.ts';
import { dayAgo, ROWS_OF_A_PERSON } from './usage.data.ts';
import { databases } from './usage.databases.ts';

const CONNECTIONS = 1;
const GOAL_MS = 20;
const DAYS = [30, 365];

/** The sums of each day and model, and of each key. */
function bare(url: string, days: number): Promise<number> {
  const sums = 'sum(requests), sum(tokens_input), sum(tokens_output), sum(cost_nanos)';
  const where = 'where user_id = 1 and date between ? and ?';
  const period = [dayAgo(days - 1), dayAgo(0)];
  return bareSql(url, [
    [`select date, model, ${sums} from usage_sums_by_day_and_model ${where} group by date, model`, period],
    [`select api_key_id, ${sums} from usage_sums_by_day_and_key ${where} group by api_key_id`, period],
  ]);
}

const rows: Record<string, unknown>[] = [];
for (const { name, url, remove } of await databases()) {
  await seed(url, { people: 1, logs: 0 });
  await letIn(url);
  const node = await startBareNode();
  rows.push({
    database: 'none',
    question: 'bare node:http',
    ...(await ask(node, '/', {}, { connections: CONNECTIONS })),
  });
  await stop(node);
  const service = await startService(url);
  const jwt = await logIn(service);
  for (const days of DAYS) {
    const reference = { 'bare SQL ms': await bare(url, days) };
    const page = await ask(service, `/dashboard?days=${days}`, cookie(jwt), { connections: CONNECTIONS });
    const json = await ask(service, `/api/stats/dashboard?days=${days}`, bearer(jwt), { connections: CONNECTIONS });
    rows.push({ database: name, question: `page, ${days} days`, goal: `${GOAL_MS} ms`, ...page, ...reference });
    rows.push({ database: name, question: `JSON, ${days} days`, goal: `${GOAL_MS} ms`, ...json, ...reference });
  }
  await stop(service);
  await remove();
}
report('dashboard', { rows: ROWS_OF_A_PERSON, connections: CONNECTIONS }, rows);
