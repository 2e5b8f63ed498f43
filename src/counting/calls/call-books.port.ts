import type { CallAllowance } from '../../shared/limits/call-counters.port.js';
import type { CountedWindow } from '../window-counters.port.js';

/** The minutes of one name. */
export interface CallMinutes {
  requests: CountedWindow;
  tokens: CountedWindow;
}

/** What one instance says and asks about one name. */
export interface CallEnquiry {
  name: string;
  allowance: CallAllowance;
  /** Calls with a place that this instance has under way: this replaces what the books say of it. */
  underWay: number;
  /** Calls that would like to begin. */
  waiting: number;
  /** Tokens of calls that are over. */
  tokens: number;
  /** Minutes that were counted elsewhere: from now on none has less, or ends earlier. */
  known?: CallMinutes;
}

/** What the books say about a name after an enquiry. */
export interface CallStanding extends CallMinutes {
  /** How many of those that wait may begin. They are counted already. */
  letIn: number;
  /** Calls with a place, of all instances. */
  underWay: number;
}

/** How often an instance says again what it has under way. */
export const SAID_EVERY_MS = 2_000;
/** What an instance has under way counts as long as this since it said so: then it is gone, and so are its calls. */
export const BELIEVED_FOR_MS = 12_000;

/** The books in which all instances count calls together. */
export abstract class CallBooks {
  /**
   * Takes down the enquiries, of one name each, and returns the standings in their order. Each is one step that no other
   * instance comes between. An instance has one such question under way at a time, and one at least every two seconds, even
   * with no enquiry: so it can tell books that are away from having had nothing to ask.
   */
  abstract book(enquiries: readonly CallEnquiry[]): Promise<CallStanding[]>;
}
