import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** A request as it came to the upstream. */
export interface Recorded {
  method: string;
  url: string;
  rawHeaders: string[];
  body: Buffer;
}

type Answer = (res: ServerResponse, request: Recorded, req: IncomingMessage) => void;

/** An upstream on loopback that notes what it is sent and answers what a spec says. */
export class RecordingUpstream implements AsyncDisposable {
  readonly requests: Recorded[] = [];
  answer: Answer = (res) => json(res, { id: 'gen-1', choices: [] });
  /** How many calls ended before they were answered. */
  abandoned = 0;
  private readonly server: Server;

  private constructor(private readonly options: { early?: boolean }) {
    this.server = createServer((req, res) => void this.serve(req, res));
  }

  /** With `early`, answers before it has read the body. */
  static async start(options: { early?: boolean } = {}): Promise<RecordingUpstream> {
    const upstream = new RecordingUpstream(options);
    upstream.server.listen(0, '127.0.0.1');
    await once(upstream.server, 'listening');
    return upstream;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/api/v1`;
  }

  get connections(): Promise<number> {
    return new Promise((resolve) => this.server.getConnections((_error, count) => resolve(count)));
  }

  /** The next request, as soon as its body is there. */
  next(): Promise<Recorded> {
    return once(this.server, 'recorded').then(([recorded]) => recorded as Recorded);
  }

  /** Resolves when the next call is abandoned. */
  nextAbandoned(): Promise<unknown> {
    return once(this.server, 'abandoned');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    res.on('close', () => {
      if (res.writableFinished) return;
      this.abandoned++;
      this.server.emit('abandoned');
    });
    const recorded = { method: req.method!, url: req.url!, rawHeaders: req.rawHeaders, body: Buffer.alloc(0) };
    this.requests.push(recorded);
    if (this.options.early) return this.answer(res, recorded, req);
    try {
      recorded.body = Buffer.concat(await req.toArray());
    } catch {
      return;
    }
    this.server.emit('recorded', recorded);
    this.answer(res, recorded, req);
  }
}

export function json(res: ServerResponse, body: unknown, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function header(request: Recorded, name: string): string[] {
  const { rawHeaders } = request;
  return rawHeaders.filter((_value, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === name);
}

/** Writes bytes to a port and returns everything that comes back until the other side closes. */
export async function exchange(port: number, ...parts: (string | Buffer)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined);
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}
