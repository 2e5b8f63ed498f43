import { createHash, randomBytes } from 'node:crypto';
import type { NewSpending, SimulatedAccount, Spending, Workspace } from './account.ts';
import { DAY_MS, type Window, windowEnd, windowStart } from './calendar.ts';
import { type Money, type Nanos, nanosOf, usd, usdOrNull } from './money.ts';

export interface KeyOptions {
  name?: string;
  /** `sk-or-v1-` and 64 hex characters; a random one if not given. */
  secret?: string;
  /** By default not the SHA-256 of the secret: nobody may count on that. */
  hash?: string;
  workspace?: Workspace;
  limit?: Money | null;
  limitReset?: Window | null;
  includeByokInLimit?: boolean;
  expiresAt?: Date | string | null;
  disabled?: boolean;
  isManagement?: boolean;
  /** Made by OAuth: works, but no management key ever sees it. */
  isUnlisted?: boolean;
  createdAt?: Date | string;
  /** Budgets on top of the key's own limit. */
  budgets?: { scope: string; limit: Money; reset: Window | null }[];
}

interface Budget {
  scope: string;
  limit: Nanos;
  reset: Window | null;
}

let lastId = 10_000;

/** A key of an account, in whatever state a test needs it. */
export class SimulatedKey {
  readonly id = ++lastId;
  readonly account: SimulatedAccount;
  readonly secret: string;
  readonly hash: string;
  readonly isManagement: boolean;
  readonly isUnlisted: boolean;
  readonly createdAt: Date;
  readonly workspace: Workspace;
  name: string;
  limit: Nanos | null;
  limitReset: Window | null;
  includeByokInLimit: boolean;
  expiresAt: Date | null;
  budgets: Budget[];
  disabled: boolean;
  deleted = false;

  constructor(account: SimulatedAccount, options: KeyOptions) {
    this.account = account;
    this.secret = options.secret ?? `sk-or-v1-${randomBytes(32).toString('hex')}`;
    this.hash = options.hash ?? createHash('sha256').update(`hash of ${this.secret}`).digest('hex');
    this.name = options.name ?? `Key ${account.keys.length + 1}`;
    this.workspace = options.workspace ?? account.defaultWorkspace;
    this.isManagement = options.isManagement ?? false;
    this.isUnlisted = options.isUnlisted ?? this.isManagement;
    this.createdAt = new Date(options.createdAt ?? account.now().getTime() - 90 * DAY_MS);
    this.limit = options.limit === undefined || options.limit === null ? null : nanosOf(options.limit);
    this.limitReset = options.limitReset ?? null;
    this.includeByokInLimit = options.includeByokInLimit ?? false;
    this.expiresAt = options.expiresAt ? new Date(options.expiresAt) : null;
    this.disabled = options.disabled ?? false;
    this.budgets = (options.budgets ?? []).map((budget) => ({ ...budget, limit: nanosOf(budget.limit) }));
  }

  /** The shortened text by which OpenRouter shows it. */
  get label(): string {
    const text = this.secret.replace(/^sk-or-v1-/, '');
    return `sk-or-v1-${text.slice(0, 3)}...${text.slice(-4)}`;
  }

  spend(spending: NewSpending = {}): Spending {
    return this.account.spend(this, spending);
  }

  /** Gives money back: lifetime usage falls, and so do the counters of the window in which `at` lies (now, if not given). */
  refund(amount: Money, of: Pick<NewSpending, 'at' | 'model' | 'provider'> = {}): Spending {
    return this.spend({ ...of, requests: 0, cost: -nanosOf(amount) });
  }

  disable(): void {
    this.disabled = true;
  }

  enable(): void {
    this.disabled = false;
  }

  delete(): void {
    this.deleted = true;
  }

  /** Lets it expire, one second ago if no moment is given. */
  expire(at: Date | string = new Date(this.account.now().getTime() - 1000)): void {
    this.expiresAt = new Date(at);
  }

  setLimit(limit: Money | null, reset: Window | null = this.limitReset): void {
    this.limit = limit === null ? null : nanosOf(limit);
    this.limitReset = reset;
  }

  get isExpired(): boolean {
    return this.expiresAt !== null && this.expiresAt <= this.account.now();
  }

  past(): Spending[] {
    return this.account.past().filter((spending) => spending.key === this);
  }

  spent(of: 'cost' | 'byokCost', window: Window | null = null): Nanos {
    const start = windowStart(window, this.account.now());
    return this.past()
      .filter((spending) => spending.at >= start)
      .reduce((sum, spending) => sum + spending[of], 0n);
  }

  get limitRemaining(): Nanos | null {
    if (this.limit === null) return null;
    const byok = this.includeByokInLimit ? this.spent('byokCost', this.limitReset) : 0n;
    return this.limit - this.spent('cost', this.limitReset) - byok;
  }

  remainingOf(budget: Budget): Nanos {
    return budget.limit - this.spent('cost', budget.reset);
  }

  /** The budget with the least left in it. */
  get narrowestBudget(): Budget | null {
    return this.budgets.toSorted((a, b) => (this.remainingOf(a) < this.remainingOf(b) ? -1 : 1))[0] ?? null;
  }

  get lastUsedAt(): Date | null {
    const used = this.past().filter((spending) => spending.requests > 0);
    return used.length > 0 ? new Date(Math.max(...used.map((spending) => spending.at))) : null;
  }

  private counters(): Record<string, unknown> {
    return Object.fromEntries(
      (['cost', 'byokCost'] as const).flatMap((of) =>
        ([null, 'daily', 'weekly', 'monthly'] as const).map((window) => [
          `${of === 'cost' ? 'usage' : 'byok_usage'}${window ? `_${window}` : ''}`,
          usd(this.spent(of, window)),
        ]),
      ),
    );
  }

  private common(): Record<string, unknown> {
    return {
      label: this.label,
      limit: usdOrNull(this.limit),
      limit_remaining: usdOrNull(this.limitRemaining),
      limit_reset: this.limitReset,
      include_byok_in_limit: this.includeByokInLimit,
      ...this.counters(),
      expires_at: this.expiresAt?.toISOString() ?? null,
      creator_user_id: this.account.userId,
      workspace_id: this.workspace.id,
    };
  }

  /** `data` of `GET /key`. */
  asSeenByItself(): Record<string, unknown> {
    const { account } = this;
    const freeLimit = account.credits >= nanosOf(10) ? 1000 : 50;
    const budget = this.narrowestBudget;
    return {
      ...this.common(),
      is_free_tier: account.credits === 0n,
      is_management_key: this.isManagement,
      is_provisioning_key: this.isManagement,
      rate_limit: { requests: -1, interval: '10s', note: 'This field is deprecated and safe to ignore.' },
      free_model_daily_requests: {
        used: account.freeRequestsToday,
        limit: freeLimit,
        remaining: Math.max(0, freeLimit - account.freeRequestsToday),
      },
      allowed_data_regions: ['global'],
      organization_id: null,
      ...(budget ? { effective_budget: this.asBudgetAnswer(budget) } : {}),
    };
  }

  /** An item of `GET /keys`. */
  asSeenByManagement(): Record<string, unknown> {
    return {
      hash: this.hash,
      name: this.name,
      disabled: this.disabled,
      ...this.common(),
      created_at: this.createdAt.toISOString(),
      updated_at: null,
      external_user: null,
      last_used_at: this.lastUsedAt?.toISOString() ?? null,
    };
  }

  asBudgetAnswer(budget: Budget): Record<string, unknown> {
    return {
      scope: budget.scope,
      limit_usd: usd(budget.limit),
      spend_usd: usd(budget.limit - this.remainingOf(budget)),
      remaining_usd: usd(this.remainingOf(budget)),
      reset_interval: budget.reset,
      resets_at: windowEnd(budget.reset, this.account.now())?.toISOString() ?? null,
      include_byok: false,
    };
  }
}
