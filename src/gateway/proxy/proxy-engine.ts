import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../../shared/time/clock.port.js';
import { CallInProgress, loggablePath } from './call-in-progress.js';
import type { CallLedger } from './call-ledger.port.js';
import type { CallPrices } from './call-prices.port.js';
import type { CallLimits } from './call-limits.port.js';
import { RequestReader } from './requests/call-request.js';
import { ClientAuthentication } from './access/client-authentication.js';
import type { ClientKey, ClientKeyDirectory } from './access/client-key-directory.port.js';
import { Forwarder } from './forwarding/forwarder.js';
import type { KeyUsage } from './key-usage.port.js';
import { ProxyRefusal, refusalOf } from './refusals/proxy-refusal.js';
import { sendJson, sendRefusal } from './refusals/refusal-answer.js';
import { BodyIntake, ClientLeft } from './requests/request-body.js';
import { readHeaders } from './requests/request-headers.js';
import { targetPath } from './addressing/target-path.js';
import { UpstreamChoice } from './access/upstream-choice.js';
import type { UpstreamConnections } from './forwarding/upstream-connections.js';
import type { UpstreamDirectory } from './access/upstream-directory.port.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const OWN_PATHS = ['/upstreams', '/usage'];
/** Longer than any upstream may take, so that it only ends connections on which the client has stopped reading. */
const SILENT_CONNECTION_MS = 330_000;
const LOOKED_EVERY_MS = 10;

/** What the engine asks of the rest of the gateway. */
export interface ProxyPorts {
  keys: ClientKeyDirectory;
  upstreams: UpstreamDirectory;
  limits: CallLimits;
  ledger: CallLedger;
  prices: CallPrices;
  usage: KeyUsage;
  connections: UpstreamConnections;
  clock: Clock;
  logger: Logger;
}

export interface ProxySettings {
  /** Below which address the proxy lives, such as `/proxy`. */
  prefix: string;
  /** The longest body of a request, in bytes. */
  bodyLimit: number;
}

/** Passes requests of client keys on to upstreams and their answers back, and notes each of them in the ledger. */
export class ProxyEngine {
  private readonly authentication: ClientAuthentication;
  private readonly choice: UpstreamChoice;
  private readonly intake: BodyIntake;
  private readonly forwarder: Forwarder;
  private readonly underWay = new Map<ServerResponse, CallInProgress>();
  private isStopping = false;

  constructor(
    private readonly ports: ProxyPorts,
    private readonly settings: ProxySettings,
  ) {
    this.authentication = new ClientAuthentication(ports.keys, ports.clock);
    this.choice = new UpstreamChoice(ports.upstreams);
    this.intake = new BodyIntake(settings.bodyLimit);
    this.forwarder = new Forwarder(ports.connections, ports.logger);
  }

  /** Whether a request target is the proxy's; every other one is the web API's. */
  serves(target: string | undefined): boolean {
    return target?.startsWith(`${this.settings.prefix}/`) ?? false;
  }

  /** Serves one request, on plain node:http. */
  readonly handle = (req: IncomingMessage, res: ServerResponse): void => {
    // Setting it once more would wind the socket's clock up anew, which what comes in and goes out does anyway.
    if (req.socket.timeout !== SILENT_CONNECTION_MS) req.socket.setTimeout(SILENT_CONNECTION_MS);
    req.on('error', ignore);
    res.on('error', ignore);
    this.serve(req, res).catch((error: unknown) => {
      this.ports.logger.error({ err: error }, 'The gateway could not note a request.');
    });
  };

  /** The service stops: connections end with the answer under way, and answers that take longer are broken off. */
  stop(patienceMs: number): void {
    this.isStopping = true;
    setTimeout(() => {
      for (const [res, call] of this.underWay) {
        call.refusal = 'service_stopping';
        res.destroy();
      }
    }, patienceMs).unref();
  }

  /**
   * Resolves when every call is noted, or after the patience: a server takes a broken-off connection for closed before the
   * call on it hears of that.
   */
  async ended(patienceMs: number): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (this.underWay.size > 0 && performance.now() < deadline) await pause(LOOKED_EVERY_MS);
  }

  private async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = loggablePath(req.url ?? '', this.settings.prefix);
    this.ports.ledger.begin();
    const call = new CallInProgress(this.ports.clock.now(), req.method ?? '', path);
    this.underWay.set(res, call);
    try {
      await this.answer(req, res, call);
    } catch (error) {
      this.refuse(req, res, call, error);
    }
    this.underWay.delete(res);
    this.note(call, res);
    if (this.isStopping) req.socket.end();
  }

  /** Exactly once for each request. */
  private note(call: CallInProgress, res: ServerResponse): void {
    const record = call.conclude(res.headersSent ? res.statusCode : 0, this.ports.prices);
    call.body?.release();
    const booking = call.admission?.settle(record) ?? null;
    this.ports.ledger.record(record, booking);
  }

  private async answer(req: IncomingMessage, res: ServerResponse, call: CallInProgress): Promise<void> {
    const headers = readHeaders(req);
    if (!METHODS.includes(call.method)) throw methodNotAllowed(METHODS);
    const target = targetPath(this.settings.prefix, req.url ?? '');
    const key = this.authentication.authenticate(headers.secret);
    call.key = key instanceof Promise ? await key : key;
    if (OWN_PATHS.includes(target.path)) return this.answerOwn(req, res, call.key, target.path);

    call.upstream = this.choice.choose(call.key, headers.upstreamName);
    const reader = new RequestReader();
    call.body = await this.intake.read(req, (chunk) => reader.read(chunk));
    call.request = reader.request(call.method, target.path, call.body.length);
    call.admission = await this.ports.limits.admit(call.key, call.upstream, call.request);
    if (res.closed) throw new ClientLeft();

    call.outcome = await this.forwarder.forward(call.upstream, { req, res, headers, target, body: call.body });
    const refusal = this.forwarder.refusalAfter(call.outcome, call.upstream);
    if (refusal) throw refusal;
  }

  private async answerOwn(req: IncomingMessage, res: ServerResponse, key: ClientKey, path: string): Promise<void> {
    if (req.method !== 'GET') throw methodNotAllowed(['GET']);
    if (path === '/usage') return sendJson(req, res, 200, await this.ports.usage.of(key));
    const upstreams = this.choice.usableBy(key);
    const listed = upstreams.map(({ name, provider, isDefault }) => ({ name, provider, is_default: isDefault }));
    return sendJson(req, res, 200, { upstreams: listed });
  }

  private refuse(req: IncomingMessage, res: ServerResponse, call: CallInProgress, error: unknown): void {
    if (res.closed || res.destroyed || error instanceof ClientLeft) {
      call.refusal ??= 'client_closed';
      return;
    }
    const known = refusalOf(error);
    if (!known) this.ports.logger.error({ err: error }, 'The gateway failed to serve a request.');
    const refusal = known ?? new ProxyRefusal(500, 'internal_error', 'The gateway failed. Try again later.');
    call.refusal = refusal.code;
    if (res.headersSent) res.destroy();
    else sendRefusal(req, res, refusal, call.path);
  }
}

function methodNotAllowed(allowed: readonly string[]): ProxyRefusal {
  const headers = ['allow', allowed.join(', ')];
  return new ProxyRefusal(405, 'method_not_allowed', `Use one of these methods here: ${allowed.join(', ')}.`, headers);
}

function ignore(): void {
  // A connection that breaks shows in `close`, too.
}
