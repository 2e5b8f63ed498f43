import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { ProxyRefusal } from '../refusals/proxy-refusal.js';
import { announcesBody } from './request-headers.js';

const SLOWEST_BODY_MS = 60_000;
const KEPT_WHOLE = 1024 * 1024;
const BODIES_AT_ONCE = 16;
const MOST_PIECES = 256;

/** A request's body, complete and in memory until it is sent. */
export class RequestBody {
  private chunks: Buffer[];

  constructor(
    chunks: Buffer[],
    readonly length: number,
    private giveBack: (bytes: number) => void,
  ) {
    this.chunks = chunks;
  }

  /** Hands the bytes over, once; a long body is let go of piece by piece while it is sent. */
  take(): Buffer | Readable | null {
    const { chunks } = this;
    this.chunks = [];
    if (this.length === 0) return null;
    if (chunks.length === 1) return chunks[0]!;
    return this.isLong ? Readable.from(inTurn(chunks), { objectMode: false }) : Buffer.concat(chunks);
  }

  /** The upstream has all of it. */
  sent(): void {
    if (this.isLong) this.release();
  }

  /** Makes room for other bodies; doing so twice changes nothing. */
  release(): void {
    this.giveBack(this.length);
    this.chunks = [];
    this.giveBack = () => undefined;
  }

  private get isLong(): boolean {
    return this.length > KEPT_WHOLE;
  }
}

function* inTurn(chunks: Buffer[]): Generator<Buffer> {
  for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) yield chunk;
}

/** Takes in the bodies of requests: each up to a limit, each within a time, all together within a bound. */
export class BodyIntake {
  private waitingBytes = 0;

  constructor(
    private readonly limit: number,
    private readonly slowestMs = SLOWEST_BODY_MS,
  ) {}

  /**
   * Reads the whole body and shows each piece to `look` as it arrives. Throws a ProxyRefusal: 413 over the limit, 408
   * when it takes too long, 503 when too many bodies are under way. Throws ClientLeft.
   */
  async read(req: IncomingMessage, look: (chunk: Buffer) => void): Promise<RequestBody> {
    if (!announcesBody(req)) return new RequestBody([], 0, () => undefined);
    if (Number(req.headers['content-length'] ?? 0) > this.limit) throw this.tooLarge();
    const pieces = new Pieces();
    try {
      await this.collect(req, pieces, look);
    } catch (error) {
      this.waitingBytes -= pieces.length;
      throw error;
    }
    return new RequestBody(pieces.take(), pieces.length, (bytes) => (this.waitingBytes -= bytes));
  }

  private collect(req: IncomingMessage, pieces: Pieces, look: (chunk: Buffer) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (refusal?: Error) => {
      clearTimeout(timer);
      req.off('data', onData).off('end', settle).off('close', onClose);
      if (refusal) reject(refusal);
      else resolve();
    };
    const onData = (chunk: Buffer) => {
      pieces.add(chunk);
      this.waitingBytes += chunk.length;
      if (pieces.length > this.limit) settle(this.tooLarge());
      else if (this.waitingBytes > this.limit * BODIES_AT_ONCE) settle(tooBusy());
      else look(chunk);
    };
    // A request also closes when it was read to its end.
    const onClose = () => {
      if (!req.readableEnded) settle(new ClientLeft());
    };
    const timer = setTimeout(() => settle(tooSlow()), this.slowestMs);
    req.on('data', onData).on('end', settle).on('close', onClose);
    if (req.destroyed) onClose();
    return promise;
  }

  private tooLarge(): ProxyRefusal {
    return new ProxyRefusal(413, 'request_too_large', `The body may have ${this.limit} bytes at most. Send less.`);
  }
}

/** Gathers chunks; many tiny ones are joined, because each costs far more memory than its bytes. */
class Pieces {
  length = 0;
  private readonly joined: Buffer[] = [];
  private latest: Buffer[] = [];

  add(chunk: Buffer): void {
    this.length += chunk.length;
    if (this.latest.push(chunk) < MOST_PIECES) return;
    this.joined.push(Buffer.concat(this.latest));
    this.latest = [];
  }

  take(): Buffer[] {
    return [...this.joined, ...this.latest];
  }
}

/** The client went away; nobody waits for an answer. */
export class ClientLeft extends Error {
  constructor() {
    super('the client closed the connection');
    this.name = 'ClientLeft';
  }
}

function tooSlow(): ProxyRefusal {
  return new ProxyRefusal(408, 'request_timeout', 'The body did not arrive in time. Try again.');
}

function tooBusy(): ProxyRefusal {
  return new ProxyRefusal(503, 'overloaded', 'The gateway is busy. Try again in a moment.', ['retry-after', '1']);
}
