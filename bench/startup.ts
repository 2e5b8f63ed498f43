// How long the service takes from the start of its process until it is ready, on a new database and on one that is there,
// and what memory it then has.
import { memory, startService, stop } from './service.process.ts';
import { databases } from './usage.databases.ts';
import { median, report } from './report.ts';

const TIMES = 5;

const rows: Record<string, unknown>[] = [];
for (const { name, url, remove } of await databases()) {
  const times: number[] = [];
  let size = 0;
  for (let time = 0; time <= TIMES; time++) {
    const service = await startService(url);
    times.push(service.readyAfterMs);
    size = memory(service);
    await stop(service);
  }
  const [first, ...again] = times.map(Math.round);
  rows.push({ database: name, 'first ms': first, 'median ms': median(again), 'RSS MB': Math.round(size) });
  await remove();
}
report('startup', { times: TIMES }, rows);
