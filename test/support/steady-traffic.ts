import { setTimeout as pause } from 'node:timers/promises';

const PAUSE_MS = 20;

/** Calls that go on and on, each kind by itself, while a spec does something to the service. */
export class SteadyTraffic implements AsyncDisposable {
  /** How often each kind of call was answered how: `proxy 200`, or by no answer at all, `proxy ECONNRESET`. */
  readonly answers: Record<string, number> = {};
  private readonly ending = new AbortController();
  private readonly callers: Promise<void>[];

  constructor(kinds: Record<string, () => Promise<Response>>, pauseMs = PAUSE_MS) {
    this.callers = Object.entries(kinds).map(([kind, call]) => this.goOn(kind, call, pauseMs));
  }

  count(answer: string): number {
    return this.answers[answer] ?? 0;
  }

  /** Everything but a success. */
  get failures(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.answers).filter(([answer]) => !/ 2\d\d$/.test(answer)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ending.abort();
    await Promise.all(this.callers);
  }

  private async goOn(kind: string, call: () => Promise<Response>, pauseMs: number): Promise<void> {
    while (!this.ending.signal.aborted) {
      const answer = `${kind} ${await outcomeOf(call)}`;
      this.answers[answer] = this.count(answer) + 1;
      await pause(pauseMs, undefined, { signal: this.ending.signal }).catch(() => undefined);
    }
  }
}

async function outcomeOf(call: () => Promise<Response>): Promise<string> {
  try {
    const answer = await call();
    await answer.arrayBuffer();
    return String(answer.status);
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    return cause?.code ?? message;
  }
}
