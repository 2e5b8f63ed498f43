import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/unit-of-work.port.js';
import { GatewayPicture } from '../../directories/gateway-picture.js';
import { BudgetRepository } from '../../limits/budget.repository.js';
import { GenerationSource } from './generation-source.port.js';
import { type DueCall, type LateUsage, RequestLogRepository } from '../request-log.repository.js';

/** After the first try two seconds after the call: 10 seconds, a minute and ten minutes after it. */
const PAUSES_MS = [8_000, 50_000, 540_000];

@Injectable()
export class SettleCall {
  constructor(
    private readonly logs: RequestLogRepository,
    private readonly budgets: BudgetRepository,
    private readonly source: GenerationSource,
    private readonly picture: GatewayPicture,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Asks the provider what a call has cost, and writes it down once. Of several instances one does. */
  async execute(call: DueCall): Promise<void> {
    const pause = PAUSES_MS[call.settleTries];
    const next = pause === undefined ? null : new Date(call.settleAt.getTime() + pause);
    if (!(await this.unitOfWork.run(() => this.logs.claim(call, next)))) return;
    const upstream = this.picture.upstream(call.upstreamId);
    if (!upstream?.isActive) return;
    const usage = await this.source.usageOf(upstream, call.generationId);
    if (usage) await this.unitOfWork.run(() => this.book(call, usage));
  }

  /** The budget was charged an estimate, or what had been held for the call: now the difference. */
  private async book(call: DueCall, usage: LateUsage): Promise<void> {
    const { clientKeyId, booked, bookedPeriod: period, bookedOn: startsOn } = call;
    if (!(await this.logs.settle(call, usage))) return;
    if (clientKeyId === null || booked === null || period === null || startsOn === null) return;
    await this.budgets.correct(clientKeyId, { period, startsOn }, usage.cost - booked);
  }
}
