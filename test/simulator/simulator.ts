import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describeKey, listKeys, listWorkspaces, showCredits, showKey } from './account.routes.ts';
import { type AccountOptions, SimulatedAccount } from './account.ts';
import { listActivity } from './activity.routes.ts';
import { describeAnalytics, queryAnalytics } from './analytics.routes.ts';
import { failureEvent, type Fault, FaultList, type Where } from './faults.ts';
import { asEvent } from './inference.ts';
import { completeChat, completeText, embed, listModels, message, respond, showGeneration } from './inference.routes.ts';
import type { SimulatedKey } from './key.ts';
import { type Answer, type Behaviour, type Call, type Completion, Refusal, World } from './world.ts';

const BASE = '/api/v1';
const CALLS_KEPT = 10_000;

type Handler = (call: Call) => Answer;

const ROUTES: [method: string, path: RegExp, handler: Handler][] = [
  ['GET', /^\/key$/, describeKey],
  ['GET', /^\/auth\/key$/, describeKey],
  ['GET', /^\/keys$/, listKeys],
  ['GET', /^\/keys\/([^/]+)$/, showKey],
  ['GET', /^\/workspaces$/, listWorkspaces],
  ['GET', /^\/credits$/, showCredits],
  ['GET', /^\/activity$/, listActivity],
  ['GET', /^\/analytics\/meta$/, describeAnalytics],
  ['POST', /^\/analytics\/query$/, queryAnalytics],
  ['GET', /^\/generation$/, showGeneration],
  ['POST', /^\/chat\/completions$/, completeChat],
  ['POST', /^\/completions$/, completeText],
  ['POST', /^\/embeddings$/, embed],
  ['POST', /^\/responses$/, respond],
  ['POST', /^\/messages$/, message],
];

export interface SimulatorOptions extends Partial<Behaviour> {
  /** What time it is; the machine's own clock if not given. */
  now?: () => Date;
  /** A free one if not given. */
  port?: number;
}

/** A call as it came in. */
export interface RecordedCall {
  method: string;
  /** Below `/api/v1`: `/key`. */
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
  /** Of the key that called, if there is such a key. */
  keyName: string | null;
  keyLabel: string | null;
  at: Date;
  /** What was answered; null while nothing was. */
  status: number | null;
}

/** OpenRouter on loopback, as it answers over HTTP, with everything in it in a test's hands. */
export class Simulator implements AsyncDisposable {
  readonly calls: RecordedCall[] = [];
  readonly world: World;
  private readonly faults = new FaultList();
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((request, response) => void this.serve(request, response));

  constructor(options: SimulatorOptions) {
    const { now = () => new Date(), port: _port, ...behaviour } = options;
    this.world = new World(now, behaviour);
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  /** What to set OPENROUTER_BASE_URL to. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${BASE}`;
  }

  /** How it behaves where the real one has changed or nobody knows; may be changed at any time. */
  get behaviour(): Behaviour {
    return this.world.behaviour;
  }

  account(options: AccountOptions = {}): SimulatedAccount {
    const account = new SimulatedAccount(this.world.now, options);
    this.world.accounts.push(account);
    return account;
  }

  /** What completions look like from now on. */
  completeWith(completion: Partial<Completion>): void {
    Object.assign(this.behaviour.completion, completion);
  }

  /** Lets calls fail: `simulator.fail(faults.serverError(), { path: '/key', times: 2 })`. Returns how to end it. */
  fail(fault: Fault, where: Where = {}): () => void {
    return this.faults.add(fault, where);
  }

  /** Ends every fault. */
  heal(): void {
    this.faults.clear();
  }

  /** The calls to one path, oldest first. */
  callsTo(path: string): RecordedCall[] {
    return this.calls.filter((call) => call.path === path);
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.server.close(resolve);
    });
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://simulator');
    const path = url.pathname.startsWith(`${BASE}/`) ? url.pathname.slice(BASE.length) : url.pathname;
    const secret = secretOf(request);
    const key = secret === null ? undefined : this.world.findKey(secret);
    const body = await readJson(request).catch(() => ({}));
    const recorded = this.record(request, url, path, key, body);
    response.on('error', () => {});
    const fault = this.faults.strike(recorded.method, path, secret);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') return void request.socket.resetAndDestroy();
    if (fault?.kind === 'slow') await pause(fault.ms);
    if (fault?.kind === 'held') await fault.until;
    const call = { world: this.world, method: recorded.method, path, query: url.searchParams, params: [], body };
    const answer = fault?.kind === 'answer' ? fault : this.answer(call, secret, key);
    recorded.status = answer.status ?? 200;
    await send(response, path, answer, fault).catch(() => response.destroy());
  }

  private record(
    request: IncomingMessage,
    url: URL,
    path: string,
    key: SimulatedKey | undefined,
    body: Record<string, unknown>,
  ): RecordedCall {
    const call = {
      method: request.method ?? 'GET',
      path,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body,
      keyName: key?.name ?? null,
      keyLabel: key?.label ?? null,
      at: this.world.now(),
      status: null,
    };
    this.calls.push(call);
    if (this.calls.length > CALLS_KEPT) this.calls.shift();
    return call;
  }

  private answer(call: Omit<Call, 'key'>, secret: string | null, key: SimulatedKey | undefined): Answer {
    try {
      if (call.method === 'GET' && call.path === '/models') return listModels(call.query);
      const allowed = this.authenticate(secret, key);
      for (const [method, pattern, handler] of ROUTES) {
        const match = method === call.method ? pattern.exec(call.path) : null;
        if (match) return handler({ ...call, params: match.slice(1), key: allowed });
      }
      throw new Refusal(404, 'Not Found');
    } catch (error) {
      return refusalAnswer(error, call.path);
    }
  }

  private authenticate(secret: string | null, key: SimulatedKey | undefined): SimulatedKey {
    const { texts } = this.behaviour;
    if (secret === null) throw new Refusal(401, texts.missing);
    if (!key || key.deleted) throw new Refusal(401, texts.unknown);
    if (key.disabled) throw new Refusal(401, texts.disabled);
    if (key.isExpired) throw new Refusal(401, texts.expired);
    return key;
  }
}

/** Starts a simulated OpenRouter; whoever starts it closes it, or declares it with `await using`. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = new Simulator(options);
  await simulator.listen(options.port ?? 0);
  return simulator;
}

function secretOf(request: IncomingMessage): string | null {
  const bearer = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return bearer ?? (request.headers['x-api-key'] as string | undefined) ?? null;
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString() || '{}');
  return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
}

function refusalAnswer(error: unknown, path: string): Answer {
  if (!(error instanceof Refusal)) return { status: 500, body: { error: { message: String(error), code: 500 } } };
  const { status, message: text, metadata, headers } = error;
  const error_type = status === 401 ? 'authentication' : status === 402 ? 'payment_required' : 'invalid_request';
  const body =
    path === '/messages'
      ? { type: 'error', error: { type: `${error_type}_error`, message: text, error_type }, request_id: 'req_1' }
      : { error: { message: text, code: status, ...(metadata ? { metadata } : {}) } };
  return { status, headers, body };
}

async function send(response: ServerResponse, path: string, answer: Answer, fault: Fault | null): Promise<void> {
  const { status = 200, headers = {} } = answer;
  if (answer.events) {
    response.writeHead(status, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers });
    return sendEvents(response, path, answer.events, fault);
  }
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(edited(answer.body, fault));
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  const half = text.slice(0, text.length / 2);
  if (fault?.kind === 'stall') response.write(half);
  else response.end(fault?.kind === 'cut' ? half : text);
}

function edited(body: unknown, fault: Fault | null): unknown {
  return fault?.kind === 'edit' ? fault.edit(body) : body;
}

async function sendEvents(
  response: ServerResponse,
  path: string,
  events: AsyncIterable<string>,
  fault: Fault | null,
): Promise<void> {
  let sent = 0;
  for await (const event of events) {
    if (response.destroyed) return;
    if (fault?.kind === 'mid-stream' && sent === fault.afterEvents) {
      if (fault.error === 'reset') return void response.socket?.resetAndDestroy();
      response.end(asEvent(failureEvent(path, fault.error)));
      return;
    }
    if (fault?.kind === 'stall' && sent > 0) return;
    response.write(event);
    sent++;
  }
  response.end();
}
