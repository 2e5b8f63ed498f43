import type { CallAllowance, CallEntry } from '../../shared/limits/call-counters.port.js';
import type { CallEnquiry } from './call-books.port.js';

const MOST_AT_ONCE = 200;
const ANYTHING: CallAllowance = { rpm: null, tpm: null, maxParallel: null };

/** Calls of one name and the same limits that wait to be let in. */
interface Waiting {
  name: string;
  allowance: CallAllowance;
  callers: PromiseWithResolvers<CallEntry>[];
}

/** An enquiry, and who waits for what comes of it. */
export interface QueuedEnquiry extends CallEnquiry {
  callers: PromiseWithResolvers<CallEntry>[];
}

/** What is to be asked and said next. What comes together is asked together. */
export class CallQueue {
  private waiting: Waiting[] = [];
  /** Names of which there is something to say, and the tokens that were used. */
  private readonly news = new Map<string, number>();

  /** Whether somebody waits. */
  get isAwaited(): boolean {
    return this.waiting.length > 0;
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0 && this.news.size === 0;
  }

  ask(name: string, allowance: CallAllowance): Promise<CallEntry> {
    const caller = Promise.withResolvers<CallEntry>();
    const alike = this.waiting.find((other) => other.name === name && isSame(other.allowance, allowance));
    if (alike) alike.callers.push(caller);
    else this.waiting.push({ name, allowance, callers: [caller] });
    return caller.promise;
  }

  say(name: string, tokens: number): void {
    this.news.set(name, (this.news.get(name) ?? 0) + tokens);
  }

  /** Takes what comes next, with one enquiry for each name. */
  next(underWay: ReadonlyMap<string, number>): QueuedEnquiry[] {
    const batch = new Map<string, QueuedEnquiry>();
    const add = (name: string, allowance: CallAllowance, callers: QueuedEnquiry['callers']) => {
      const tokens = this.news.get(name) ?? 0;
      this.news.delete(name);
      const waiting = callers.length;
      batch.set(name, { name, allowance, underWay: underWay.get(name) ?? 0, waiting, tokens, callers });
    };
    const later: Waiting[] = [];
    for (const asked of this.waiting) {
      if (batch.has(asked.name) || batch.size >= MOST_AT_ONCE) later.push(asked);
      else add(asked.name, asked.allowance, asked.callers);
    }
    this.waiting = later;
    for (const name of this.news.keys()) if (batch.size < MOST_AT_ONCE) add(name, ANYTHING, []);
    return [...batch.values()];
  }
}

function isSame(one: CallAllowance, other: CallAllowance): boolean {
  return one.rpm === other.rpm && one.tpm === other.tpm && one.maxParallel === other.maxParallel;
}
