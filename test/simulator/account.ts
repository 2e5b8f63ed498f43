import { randomBytes, randomUUID } from 'node:crypto';
import { DAY_MS, windowStart } from './calendar.ts';
import { findModel, USUAL_MODEL } from './catalogue.ts';
import { type KeyOptions, SimulatedKey } from './key.ts';
import { type Money, type Nanos, nanosOf } from './money.ts';

/** What was spent at one moment through one key. Every counter, row and balance is a sum over these. */
export interface Spending {
  key: SimulatedKey;
  at: number;
  model: string;
  provider: string;
  requests: number;
  promptTokens: number;
  completionTokens: number;
  reasoningTokens: number;
  cachedTokens: number;
  cost: Nanos;
  byokCost: Nanos;
}

/** As a test writes it down: what is left out is now, the usual model, one request, no tokens and no money. */
export interface NewSpending {
  at?: Date | string;
  model?: string;
  provider?: string;
  requests?: number;
  promptTokens?: number;
  completionTokens?: number;
  reasoningTokens?: number;
  cachedTokens?: number;
  cost?: Money;
  byokCost?: Money;
}

export interface Workspace {
  id: string;
  name: string;
  slug: string;
  createdAt: Date;
}

export interface AccountOptions {
  /** USD bought; 100 if not given. */
  credits?: Money;
  createdAt?: Date | string;
}

/** One customer of OpenRouter: credits, workspaces, keys and all that was ever spent. */
export class SimulatedAccount {
  readonly userId = `user_${randomBytes(12).toString('hex')}`;
  readonly createdAt: Date;
  readonly workspaces: Workspace[] = [];
  readonly keys: SimulatedKey[] = [];
  readonly spendings: Spending[] = [];
  credits: Nanos;
  readonly now: () => Date;

  constructor(now: () => Date, options: AccountOptions = {}) {
    this.now = now;
    this.credits = nanosOf(options.credits ?? 100);
    this.createdAt = new Date(options.createdAt ?? now().getTime() - 365 * DAY_MS);
    this.workspace('Default');
  }

  get defaultWorkspace(): Workspace {
    return this.workspaces[0]!;
  }

  workspace(name: string): Workspace {
    const slug = name.toLowerCase().replaceAll(/\W+/g, '-');
    const workspace = { id: randomUUID(), name, slug, createdAt: this.createdAt };
    this.workspaces.push(workspace);
    return workspace;
  }

  /** A new standard key, or several of them: `account.key({ name, limit: 10, limitReset: 'monthly' })`. */
  key(options: KeyOptions = {}): SimulatedKey {
    const key = new SimulatedKey(this, options);
    this.keys.push(key);
    return key;
  }

  managementKey(options: KeyOptions = {}): SimulatedKey {
    return this.key({ name: 'Management', ...options, isManagement: true });
  }

  /** Books what a key has spent. `at` may lie in the past (a late correction) or ahead (it shows once the clock is there). */
  spend(key: SimulatedKey, spending: NewSpending): Spending {
    const model = spending.model ?? USUAL_MODEL.id;
    const booked: Spending = {
      key,
      at: new Date(spending.at ?? this.now()).getTime(),
      model,
      provider: spending.provider ?? findModel(model)?.providers[0] ?? 'OpenAI',
      requests: spending.requests ?? 1,
      promptTokens: spending.promptTokens ?? 0,
      completionTokens: spending.completionTokens ?? 0,
      reasoningTokens: spending.reasoningTokens ?? 0,
      cachedTokens: spending.cachedTokens ?? 0,
      cost: nanosOf(spending.cost ?? 0),
      byokCost: nanosOf(spending.byokCost ?? 0),
    };
    this.spendings.push(booked);
    return booked;
  }

  /** All that has happened by now. */
  past(): Spending[] {
    const now = this.now().getTime();
    return this.spendings.filter((spending) => spending.at <= now);
  }

  get used(): Nanos {
    return this.past().reduce((sum, spending) => sum + spending.cost, 0n);
  }

  /** Requests to `:free` models since 00:00 UTC. */
  get freeRequestsToday(): number {
    const start = windowStart('daily', this.now());
    return this.past()
      .filter((spending) => spending.at >= start && spending.model.endsWith(':free'))
      .reduce((sum, spending) => sum + spending.requests, 0);
  }
}
