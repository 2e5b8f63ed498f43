import { type CallAllowance, CallCounters, type CallEntry } from '../../shared/limits/call-counters.port.js';
import type { Clock } from '../../shared/time/clock.port.js';
import { Rounds } from '../../shared/time/rounds.js';
import { type CallBooks, type CallStanding, SAID_EVERY_MS } from './call-books.port.js';
import { CallQueue, type QueuedEnquiry } from './call-queue.js';
import { refusalFor } from './call-refusals.js';

/**
 * Where the calls of one instance are let in and leave, for books that all instances share. What comes while a question is
 * under way is asked together by the next one. Knows what this instance has under way, and says so again and again: a word
 * that was lost, or came to books that were lost, is made good by the next one. Asks even if there is nothing to say.
 */
export class CallDesk extends CallCounters {
  private readonly queue = new CallQueue();
  private readonly underWay = new Map<string, number>();
  private serving: Promise<void> | null = null;
  private isInVain = false;
  private isNewRound = false;
  private readonly rounds = new Rounds(() => this.sayAgain());

  constructor(
    private readonly books: CallBooks,
    private readonly clock: Clock,
  ) {
    super();
    this.rounds.every(SAID_EVERY_MS);
  }

  enter(name: string, allowance: CallAllowance): Promise<CallEntry> {
    const entry = this.queue.ask(name, allowance);
    this.serve();
    return entry;
  }

  leave(name: string, hasPlace: boolean, tokens: number): void {
    if (hasPlace) this.change(name, -1);
    if (hasPlace || tokens > 0) this.queue.say(name, tokens);
    this.serve();
  }

  async end(): Promise<void> {
    await this.rounds.end();
    await this.serving;
  }

  /** Nobody is asked in vain again and again: what waits without a caller waits for the next round. */
  private get isDue(): boolean {
    return this.isInVain ? this.queue.isAwaited : this.isNewRound || !this.queue.isEmpty;
  }

  private serve(): void {
    if (this.isDue) this.serving ??= this.serveAll();
  }

  private async serveAll(): Promise<void> {
    while (this.isDue) {
      this.isNewRound = false;
      const batch = this.queue.next(this.underWay);
      try {
        const standings = await this.books.book(batch);
        this.isInVain = false;
        for (const [index, enquiry] of batch.entries()) this.settle(enquiry, standings[index]!);
      } catch (error) {
        this.isInVain = true;
        this.takeBack(batch, error);
      }
    }
    // Not any later: whoever was let in may leave at once, and would find nobody who serves.
    this.serving = null;
  }

  private settle({ name, allowance, callers }: QueuedEnquiry, standing: CallStanding): void {
    const hasPlace = allowance.maxParallel !== null;
    if (hasPlace && standing.letIn > 0) this.change(name, standing.letIn);
    const refusal = refusalFor(allowance, standing, this.clock.now().getTime());
    for (const [index, caller] of callers.entries()) {
      caller.resolve(index < standing.letIn ? { refusedBy: null, hasPlace } : refusal);
    }
  }

  /** Whether the books have it, nobody knows: it is said again. */
  private takeBack(batch: QueuedEnquiry[], error: unknown): void {
    for (const { name, tokens, callers } of batch) {
      this.queue.say(name, tokens);
      for (const caller of callers) caller.reject(error);
    }
  }

  private async sayAgain(): Promise<void> {
    for (const name of this.underWay.keys()) this.queue.say(name, 0);
    this.isInVain = false;
    this.isNewRound = true;
    this.serve();
    await this.serving;
  }

  private change(name: string, by: number): void {
    const calls = (this.underWay.get(name) ?? 0) + by;
    if (calls > 0) this.underWay.set(name, calls);
    else this.underWay.delete(name);
  }
}
