import type { SimulatedAccount } from './account.ts';
import type { SimulatedKey } from './key.ts';
import type { Money, Nanos } from './money.ts';

/** What the next completions look like. What is left out is counted from the texts. */
export interface Completion {
  text: string;
  /** Called first where the request offers that tool; the text follows once its result is sent. */
  tool?: { name: string; arguments: object };
  promptTokens?: number;
  completionTokens?: number;
  reasoningTokens: number;
  cachedTokens: number;
  cost?: Money;
  /** Whether the account's own provider key is used: OpenRouter charges nothing, the upstream cost is booked as BYOK. */
  byok: boolean;
  provider?: string;
  chunkDelayMs: number;
  /** Where a stream tells its usage: OpenRouter's own place, or on the last chunk with choices, as others do. */
  usageOn: 'own-chunk' | 'last-choice' | 'nowhere';
}

/** How the simulated OpenRouter behaves where the real one has changed, or nobody knows. */
export interface Behaviour {
  /** How many completed days `/activity` tells; OpenRouter: 30. */
  activityDays: number;
  /** Analytics questions a minute; OpenRouter: 64, not enforced here unless asked for. */
  analyticsPerMinute: number;
  /** Rows an analytics answer has at most, whatever the question allows. */
  analyticsMaxRows: number;
  /** How often `/generation` says 404 before it knows a new generation. */
  generationMisses: number;
  /** The status of a spent key limit: both are on record. */
  keyLimitStatus: 402 | 403;
  /** Whether a standard key may read `/credits`. */
  creditsForAll: boolean;
  /** The answers of 401 by the reason for them. */
  texts: { missing: string; unknown: string; expired: string; disabled: string };
  completion: Completion;
}

export function usualBehaviour(): Behaviour {
  return {
    activityDays: 30,
    analyticsPerMinute: Infinity,
    analyticsMaxRows: 10_000,
    generationMisses: 1,
    keyLimitStatus: 403,
    creditsForAll: false,
    texts: {
      missing: 'Missing Authentication header',
      unknown: 'User not found.',
      expired: 'API key expired',
      disabled: 'User not found.',
    },
    completion: {
      text: 'Hello from the simulated OpenRouter.',
      reasoningTokens: 0,
      cachedTokens: 0,
      byok: false,
      chunkDelayMs: 0,
      usageOn: 'own-chunk',
    },
  };
}

/** One completed inference, as `/generation` tells it. */
export interface Generation {
  id: string;
  key: SimulatedKey;
  createdAt: Date;
  model: string;
  permaslug: string;
  provider: string;
  apiType: string;
  streamed: boolean;
  cancelled: boolean;
  promptTokens: number;
  completionTokens: number;
  reasoningTokens: number;
  cachedTokens: number;
  cost: Nanos;
  upstreamCost: Nanos;
  byok: boolean;
  misses: number;
}

/** All there is in the simulated OpenRouter. */
export class World {
  readonly now: () => Date;
  readonly behaviour: Behaviour;
  readonly accounts: SimulatedAccount[] = [];
  readonly generations = new Map<string, Generation>();
  /** When analytics was asked, in milliseconds. */
  readonly analyticsCalls: number[] = [];

  constructor(now: () => Date, behaviour: Partial<Behaviour>) {
    this.now = now;
    this.behaviour = { ...usualBehaviour(), ...behaviour };
  }

  findKey(secret: string): SimulatedKey | undefined {
    return this.accounts.flatMap((account) => account.keys).find((key) => key.secret === secret);
  }
}

/** A call that came in, for a handler to answer. */
export interface Call {
  world: World;
  method: string;
  path: string;
  query: URLSearchParams;
  params: string[];
  body: Record<string, unknown>;
  key: SimulatedKey;
}

/** What a handler answers; `events` makes it a stream, each ending in an empty line. */
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  events?: AsyncIterable<string>;
}

/** A handler turns a call down. */
export class Refusal extends Error {
  readonly status: number;
  readonly metadata: Record<string, unknown> | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    message: string,
    metadata?: Record<string, unknown>,
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.status = status;
    this.metadata = metadata;
    this.headers = headers;
  }
}

/** Throws what OpenRouter answers to a standard key where only a management key may ask. */
export function managementOnly({ key }: Call): SimulatedAccount {
  if (!key.isManagement) throw new Refusal(403, 'Only management keys can perform this operation');
  return key.account;
}

/** A whole number from the query. */
export function numberFrom(query: URLSearchParams, name: string, usual: number, most = Infinity): number {
  const text = query.get(name);
  if (text === null) return usual;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > most) throw new Refusal(400, `Invalid ${name}`);
  return value;
}
