import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../../shared/time/clock.port.js';
import { Rounds } from '../../shared/time/rounds.js';
import { formatUsd } from '../../shared/money.js';
import { LOGGER } from '../../shared/tokens.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { GatewayFigures } from '../request-logs/gateway-figures.js';
import { BudgetRepository } from './budget.repository.js';

const LOOKED_EVERY_MS = 60_000;

/** Gives back what budgets still hold for calls whose process died, and tells that it did. */
@Injectable()
export class ExpiredReservations implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly looks = new Rounds(() => this.giveBack());

  constructor(
    private readonly budgets: BudgetRepository,
    private readonly figures: GatewayFigures,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.looks.now();
    this.looks.every(LOOKED_EVERY_MS);
  }

  onApplicationShutdown(): Promise<void> {
    return this.looks.end();
  }

  private async giveBack(): Promise<void> {
    const { calls, amount } = await this.unitOfWork.run(() => this.budgets.releaseExpired(this.clock.now()));
    if (calls === 0) return;
    this.figures.expiredReservations += calls;
    this.logger.warn(
      { alarm: 'reservations_expired', calls, usd: formatUsd(amount) },
      'Budgets held amounts for calls that nobody has settled. They were given back; what the calls cost is unknown.',
    );
  }
}
