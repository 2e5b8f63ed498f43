import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { answerHeaders, headerText, type UpstreamHeaders } from './answer-headers.js';
import { callId, type Reading, UsageMeter } from '../metering/usage-meter.js';

const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** How a call to an upstream ended. */
export type Ending = 'complete' | 'refused' | 'timeout' | 'cut_off' | 'stalled' | 'client_closed';

/** What a call to an upstream came to. */
export interface Outcome {
  ending: Ending;
  /** When the first byte of the answer's body came, in milliseconds of `performance.now()`. */
  firstByteAt: number | null;
  isStream: boolean;
  /** True once a connection stood and the request was on its way. */
  wasSent: boolean;
  /** By which the upstream's headers name the call. */
  headerId: string | null;
  /** The code of the error that ended it, for the log. */
  cause: string | null;
  /** Null where the answer says nothing that could be metered. */
  reading: Reading | null;
}

/**
 * One call to an upstream. Passes the answer to the client as it arrives, at the pace at which the client takes it, and
 * ends the call when the client leaves.
 */
export class UpstreamCall implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | null = null;
  private meter: UsageMeter | null = null;
  private firstByteAt: number | null = null;
  /** What came together with the headers: an answer that is there at once goes out in one piece. */
  private held: Buffer | null = null;
  private isHolding = false;
  private headerId: string | null = null;
  private isStream = false;
  private isOver = false;
  private cause: string | null = null;
  private readonly firstByteTimer: NodeJS.Timeout;

  /** `done` is called exactly once. While nothing was sent to the client, answering it is left to the caller. */
  constructor(
    private readonly res: ServerResponse,
    private readonly options: { timeoutMs: number; isMetered: boolean; onSent: () => void },
    private readonly done: (outcome: Outcome) => void,
  ) {
    this.firstByteTimer = setTimeout(() => this.finish('timeout'), options.timeoutMs);
    res.on('close', this.onClientClose);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isOver) controller.abort(new CallEnded());
  }

  onRequestSent(): void {
    this.options.onSent();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: UpstreamHeaders): void {
    if (status < 200 || this.isOver) return;
    clearTimeout(this.firstByteTimer);
    const contentType = headerText(headers, 'content-type');
    const encoding = headerText(headers, 'content-encoding');
    this.isStream = contentType.startsWith('text/event-stream');
    this.headerId = callId(headers['x-generation-id']);
    if (this.options.isMetered && status < 300 && UsageMeter.reads(contentType, encoding)) {
      this.meter = new UsageMeter(contentType, encoding);
    }
    this.res.writeHead(status, answerHeaders(headers));
    this.isHolding = true;
    process.nextTick(this.release);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isOver) return;
    this.firstByteAt ??= performance.now();
    if (this.isHolding && !this.held) this.held = chunk;
    else {
      this.release();
      this.write(chunk);
    }
    this.meter?.read(chunk);
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    this.isHolding = false;
    if (this.held) this.res.end(this.held);
    else this.res.end();
    this.finish('complete');
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.cause = (error as NodeJS.ErrnoException).code ?? error.name;
    const isTimeout = TIMEOUTS.has(this.cause);
    if (this.res.headersSent) this.finish(isTimeout ? 'stalled' : 'cut_off');
    else this.finish(isTimeout ? 'timeout' : 'refused');
  }

  /** A stream may begin long after its headers, and go on long after its first event. */
  private readonly release = (): void => {
    if (!this.isHolding || this.isOver) return;
    this.isHolding = false;
    const { held } = this;
    this.held = null;
    if (held) this.write(held);
    else this.res.flushHeaders();
  };

  /** While the client takes no more, the upstream waits. */
  private write(chunk: Buffer): void {
    if (this.res.write(chunk)) return;
    this.controller?.pause();
    this.res.once('drain', () => this.isOver || this.controller?.resume());
  }

  private readonly onClientClose = (): void => {
    if (!this.res.writableFinished) this.finish('client_closed');
  };

  private finish(ending: Ending): void {
    if (this.isOver) return;
    if (ending === 'cut_off' || ending === 'stalled') this.release();
    this.isOver = true;
    clearTimeout(this.firstByteTimer);
    this.res.off('close', this.onClientClose);
    if (ending !== 'complete') {
      this.controller?.abort(new CallEnded());
      if (this.res.headersSent) this.cutOff();
    }
    this.report(ending);
  }

  /** The client gets what there is, and a broken end, so that it does not take a part for the whole. */
  private cutOff(): void {
    const { socket, req } = this.res;
    if (req.httpVersionMinor === 0) socket?.resetAndDestroy();
    else socket?.destroySoon();
  }

  private report(ending: Ending): void {
    const { firstByteAt, isStream, headerId, cause, meter } = this;
    const outcome = { ending, firstByteAt, isStream, headerId, cause, wasSent: this.controller !== null };
    if (meter) meter.finish((reading) => this.done({ ...outcome, reading }));
    else this.done({ ...outcome, reading: null });
  }
}

/** Given to undici as the reason for ending a call. */
class CallEnded extends Error {}
