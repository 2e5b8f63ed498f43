import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/time/clock.port.js';
import { Usd } from '../../shared/money.js';
import { dayOf } from '../../shared/time/period.js';
import { type KeyLimits, NO_LIMITS } from '../client-keys/client-key.entity.js';
import { ListedKeyLimits } from '../client-keys/key-limits.dto.js';
import { GatewayPicture } from '../directories/gateway-picture.js';
import type { ClientKey } from '../proxy/access/client-key-directory.port.js';
import { KeyUsage } from '../proxy/key-usage.port.js';
import { type KeyTotals, RequestLogRepository } from '../request-logs/request-log.repository.js';
import { windowOf } from './budget-window.js';
import { BudgetRepository } from './budget.repository.js';

/** What the holder of a client key is told, to about a second. */
@Injectable()
export class ReportedKeyUsage extends KeyUsage {
  constructor(
    private readonly picture: GatewayPicture,
    private readonly logs: RequestLogRepository,
    private readonly budgets: BudgetRepository,
    private readonly clock: Clock,
  ) {
    super();
  }

  async of(key: ClientKey): Promise<object> {
    const limits = this.picture.keyById(key.id)?.limits ?? NO_LIMITS;
    return {
      name: key.name,
      expires_at: key.expiresAt?.toISOString() ?? null,
      total: totalsOf(await this.logs.totalsOf(key.id)),
      today: totalsOf(await this.logs.totalsOf(key.id, dayOf(this.clock.now()))),
      limits: ListedKeyLimits.of(limits),
      budget: await this.budgetOf(key.id, limits),
    };
  }

  private async budgetOf(keyId: number, { budget, budgetPeriod }: KeyLimits): Promise<object | null> {
    if (budget === null || budgetPeriod === null) return null;
    const window = windowOf(budgetPeriod, this.clock.now());
    const { spent, reserved } = await this.budgets.standing(keyId, window);
    const remaining = budget - spent - reserved;
    return {
      limit: new Usd(budget),
      spent: new Usd(spent),
      reserved: new Usd(reserved),
      remaining: new Usd(remaining > 0n ? remaining : 0n),
      resets_at: window.endsAt.toISOString(),
    };
  }
}

function totalsOf(totals: KeyTotals): object {
  return {
    requests: totals.requests,
    prompt_tokens: totals.promptTokens,
    completion_tokens: totals.completionTokens,
    cached_tokens: totals.cachedTokens,
    reasoning_tokens: totals.reasoningTokens,
    cost: new Usd(totals.cost),
    unsettled_requests: totals.unsettled,
  };
}
