// What the hundred people of `users-100` do, how often, and what they wait for.
import type { Dispatcher } from 'undici';
import { PLAIN, STREAM } from './gateway.measures.ts';
import { emailOf, PASSWORD } from './seed.data.ts';
import { bearer, cookie, type Headers } from './service.asking.ts';
import { YEAR } from './usage.data.ts';

export interface Person {
  number: number;
  /** Of a session in a browser. */
  jwt: string;
  /** For the public API. */
  token: string;
  /** For the gateway. */
  clientKey: string;
}

export interface Action {
  kind: string;
  /** Of a hundred actions. */
  share: number;
  /** The 95th percentile that is wanted, in milliseconds. */
  goal?: number;
  /** Returns how long the person waited, in milliseconds; throws if it failed. */
  run(person: Person): Promise<number>;
}

const READ_MS = 50;
const OTHER_MS = 200;

/** `bare`: a server that does nothing, asked in the same way at the same time. */
export function actionsOn(agent: Dispatcher, origin: string, bare: string): Action[] {
  const read = (kind: string, share: number, path: string, as: (person: Person) => Headers): Action => ({
    kind,
    share,
    goal: READ_MS,
    run: (person) => call(agent, origin, { path, method: 'GET', headers: as(person) }),
  });
  const page = ({ jwt }: Person) => cookie(jwt);
  const person = ({ jwt }: Person) => bearer(jwt);
  const program = ({ token }: Person) => bearer(token);
  const chat = ({ clientKey }: Person) => ({ ...bearer(clientKey), 'content-type': 'application/json' });
  return [
    { kind: 'log in', share: 2, run: ({ number }) => logIn(agent, origin, number) },
    read('dashboard page', 18, '/dashboard', page),
    read('statistics page', 8, '/stats', page),
    read('keys page', 4, '/keys', page),
    read('dashboard, JSON', 10, '/api/stats/dashboard', person),
    read('rows, JSON', 5, `/api/usage?${YEAR}&skip=2000`, person),
    read('public API, stats', 13, '/api/v1/stats', program),
    read('public API, usage', 6, `/api/v1/usage?${YEAR}&page=3`, program),
    read('public API, keys', 4, '/api/v1/keys', program),
    { kind: 'proxy', share: 15, goal: OTHER_MS, run: (one) => call(agent, origin, chatOf(PLAIN, chat(one))) },
    { kind: 'proxy, stream', share: 5, goal: OTHER_MS, run: (one) => stream(agent, origin, chat(one)) },
    { kind: 'bare node:http', share: 10, run: () => call(agent, bare, { path: '/', method: 'GET' }) },
  ];
}

type Question = Omit<Dispatcher.RequestOptions, 'origin'>;

function chatOf(body: string, headers: Headers): Question {
  return { path: '/proxy/v1/chat/completions', method: 'POST', headers, body };
}

function logIn(agent: Dispatcher, origin: string, person: number): Promise<number> {
  const body = JSON.stringify({ email: emailOf(person), password: PASSWORD });
  return call(agent, origin, {
    path: '/api/auth/login',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
}

/** Until all of the answer is here. */
async function call(agent: Dispatcher, origin: string, question: Question): Promise<number> {
  const began = performance.now();
  const { statusCode, body } = await agent.request({ origin, ...question });
  await body.arrayBuffer();
  if (statusCode !== 200) throw new Error(`${question.path}: ${statusCode}`);
  return performance.now() - began;
}

/** Until the first event is here; the rest is read to its end, too. */
async function stream(agent: Dispatcher, origin: string, headers: Headers): Promise<number> {
  const began = performance.now();
  const { statusCode, body } = await agent.request({ origin, ...chatOf(STREAM, headers) });
  let waited = Number.NaN;
  let last = '';
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (Number.isNaN(waited)) waited = performance.now() - began;
    last = chunk.toString();
  }
  if (statusCode !== 200 || !last.includes('[DONE]')) throw new Error(`stream: ${statusCode}, ends with ${last}`);
  return waited;
}
