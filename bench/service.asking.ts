// Calls to a service whose times are all kept.
import { Pool } from 'undici';
import { median, percentile, round } from './report.ts';
import { emailOf, PASSWORD } from './seed.data.ts';
import { memory, processorMs, type Service } from './service.process.ts';

/** What a row of a table says about one question. */
export type Figures = Record<string, number>;
export type Headers = Record<string, string>;

export const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });
/** How a browser shows its session. */
export const cookie = (jwt: string): Headers => ({ cookie: `session=${jwt}` });

export async function logIn(service: Service, person = 1): Promise<string> {
  const credentials = { email: emailOf(person), password: PASSWORD };
  return (await post<{ access_token: string }>(service, '/api/auth/login', {}, credentials)).access_token;
}

/** Throws where it is refused. */
export async function post<Answer>({ url }: Service, path: string, headers: Headers, body: object): Promise<Answer> {
  const json = { ...headers, 'content-type': 'application/json' };
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers: json, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

/** Asks the same again and again over so many connections; the processor's time is that of the service alone. */
export async function ask(
  service: Service,
  path: string,
  headers: Headers,
  { connections = 8, seconds = Number(process.env.BENCH_SECONDS ?? 5) } = {},
): Promise<Figures> {
  const pool = new Pool(service.url, { connections, pipelining: 1 });
  const times: number[] = [];
  let errors = 0;
  let until = performance.now() + 1_000;
  const loop = async () => {
    while (performance.now() < until) {
      const began = performance.now();
      const { statusCode, body } = await pool.request({ path, method: 'GET', headers });
      await body.arrayBuffer();
      times.push(performance.now() - began);
      if (statusCode !== 200) errors++;
    }
  };
  const all = () => Promise.all(Array.from({ length: connections }, loop));
  // A second to warm up.
  await all();
  times.length = 0;
  const before = processorMs(service);
  const began = performance.now();
  until = began + seconds * 1000;
  await all();
  const elapsed = performance.now() - began;
  const used = processorMs(service) - before;
  await pool.destroy();
  return {
    'per second': Math.round((times.length / elapsed) * 1000),
    'CPU ms each': round(used / times.length),
    'per CPU second': Math.round((times.length / used) * 1000),
    'median ms': round(median(times)),
    'p95 ms': round(percentile(times, 0.95)),
    'p99 ms': round(percentile(times, 0.99)),
    errors,
    'RSS MB': Math.round(memory(service)),
  };
}
