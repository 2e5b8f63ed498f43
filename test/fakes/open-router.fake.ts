import type { OfferedModel } from '../../src/open-router/offered-model.js';
import {
  type AccountKey,
  type Credits,
  type HourUsage,
  type KeyAnswer,
  type KeyHours,
  type KeyListing,
  type KeyFacts,
  type ModelUsage,
  OpenRouter,
  OpenRouterDenied,
  OpenRouterUnavailable,
  type WantedHours,
} from '../../src/open-router/open-router.port.js';
import type { Hour } from '../../src/shared/time/hour.js';
import { type Day, dayOf } from '../../src/shared/time/period.js';

/** What a management key can tell of its account. */
export interface FakeAccount {
  keys: AccountKey[];
  credits: Credits;
  /** By the hash of the key; rows of completed days and of today alike. */
  usage: Record<string, ModelUsage[]>;
  hours: Record<string, HourUsage[]>;
}

type Asked = {
  what: 'describeKey' | 'listKeys' | 'credits' | 'activity' | 'usageOfDay' | 'usageByHour';
  secret: string;
};

/**
 * OpenRouter in memory: `fake.knows('sk-…', { usage: 5n })`, `fake.answers('sk-…', unreachable)`,
 * `fake.manages('sk-…', { keys: [accountKey({ hash })] })`, `fake.failure = new OpenRouterUnavailable('…')`.
 * A key that it was not told of is refused.
 */
export class FakeOpenRouter extends OpenRouter {
  /** Every question, oldest first. */
  readonly asked: Asked[] = [];
  /** The price list. */
  offers: OfferedModel[] = [];
  /** Thrown by every call that needs a management key and by `models`, while it is set. */
  failure: Error | null = null;
  /** Awaited before every answer, so that a test can do something meanwhile. */
  meanwhile: () => Promise<void> | void = () => {};

  private readonly described = new Map<string, KeyAnswer>();
  private readonly accounts = new Map<string, FakeAccount>();

  constructor(private readonly today: () => Day = () => dayOf(new Date())) {
    super();
  }

  knows(secret: string, facts: Partial<KeyFacts> = {}): void {
    this.answers(secret, { outcome: 'known', facts: keyFacts(facts) });
  }

  answers(secret: string, answer: KeyAnswer): void {
    this.described.set(secret, answer);
  }

  /** Makes it a management key, of the account that is returned and may be changed. */
  manages(secret: string, account: Partial<FakeAccount> = {}): FakeAccount {
    const whole = { keys: [], credits: { total: 0n, used: 0n }, usage: {}, hours: {}, ...account };
    this.knows(secret, { isManagement: true });
    this.accounts.set(secret, whole);
    return whole;
  }

  async describeKey(secret: string, signal?: AbortSignal): Promise<KeyAnswer> {
    await this.hear('describeKey', secret, signal);
    return (
      this.described.get(secret) ?? {
        outcome: 'refused',
        expired: false,
        detail: 'OpenRouter does not accept this key.',
      }
    );
  }

  async models(signal?: AbortSignal): Promise<OfferedModel[]> {
    signal?.throwIfAborted();
    if (this.failure) throw this.failure;
    if (this.offers.length === 0) throw new OpenRouterUnavailable('OpenRouter lists no models with prices.');
    return this.offers;
  }

  async listKeys(secret: string, signal?: AbortSignal): Promise<KeyListing> {
    return { keys: [...(await this.accountOf('listKeys', secret, signal)).keys], isComplete: true };
  }

  async credits(secret: string, signal?: AbortSignal): Promise<Credits> {
    return (await this.accountOf('credits', secret, signal)).credits;
  }

  async activity(secret: string, keyHash: string, day?: Day, signal?: AbortSignal): Promise<ModelUsage[]> {
    const rows = usageOf(await this.accountOf('activity', secret, signal), keyHash);
    return rows.filter(({ date }) => date < this.today() && (day === undefined || date === day));
  }

  async usageOfDay(secret: string, keyHash: string, day: Day, signal?: AbortSignal): Promise<ModelUsage[]> {
    const rows = usageOf(await this.accountOf('usageOfDay', secret, signal), keyHash);
    return rows.filter(({ date }) => date === day);
  }

  async usageByHour(
    secret: string,
    wanted: readonly WantedHours[],
    through: Hour,
    signal?: AbortSignal,
  ): Promise<KeyHours[]> {
    const { hours } = await this.accountOf('usageByHour', secret, signal);
    return wanted.map(({ hash, from }) => {
      const usage = (hours[hash] ?? []).filter(({ hour }) => hour >= from && hour <= through);
      return { hash, from, through, usage };
    });
  }

  private async accountOf(what: Asked['what'], secret: string, signal?: AbortSignal): Promise<FakeAccount> {
    await this.hear(what, secret, signal);
    if (this.failure) throw this.failure;
    const account = this.accounts.get(secret);
    if (account) return account;
    throw new OpenRouterDenied(this.described.has(secret) ? 403 : 401, 'OpenRouter will not tell this key.');
  }

  private async hear(what: Asked['what'], secret: string, signal?: AbortSignal): Promise<void> {
    this.asked.push({ what, secret });
    await this.meanwhile();
    signal?.throwIfAborted();
  }
}

function usageOf({ usage, keys }: FakeAccount, keyHash: string): ModelUsage[] {
  if (usage[keyHash]) return usage[keyHash];
  if (keys.some(({ hash }) => hash === keyHash)) return [];
  throw new OpenRouterUnavailable('OpenRouter does not know this key.');
}

/** Facts of a key without limit that has spent nothing, some of them different. */
export function keyFacts(facts: Partial<KeyFacts> = {}): KeyFacts {
  return {
    label: 'sk-or-v1-0e6...1c96',
    isManagement: false,
    usage: 0n,
    usageToday: 0n,
    byokUsage: 0n,
    byokUsageToday: 0n,
    limit: null,
    limitRemaining: null,
    limitReset: null,
    expiresAt: null,
    ...facts,
  };
}

/** A key as a management key lists it, some of it different. */
export function accountKey(facts: Partial<AccountKey> = {}): AccountKey {
  const { isManagement: _, ...figures } = keyFacts();
  return {
    ...figures,
    hash: 'a'.repeat(64),
    name: 'Key',
    label: 'sk-or-v1-0e6...1c96',
    isDisabled: false,
    workspaceId: null,
    createdAt: null,
    lastUsedAt: null,
    ...facts,
  };
}

/** One request of one model on one day, some of it different. */
export function modelUsage(facts: Partial<ModelUsage> = {}): ModelUsage {
  return {
    date: '2026-06-14',
    model: 'openai/gpt-4.1-mini',
    requests: 1,
    tokensInput: 0,
    tokensOutput: 0,
    tokensReasoning: 0,
    tokensCached: null,
    cost: 0n,
    byokCost: 0n,
    ...facts,
  };
}
