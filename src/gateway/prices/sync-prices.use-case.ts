import { Injectable } from '@nestjs/common';
import { OpenRouter } from '../../open-router/open-router.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { ModelPriceRepository } from './model-price.repository.js';

@Injectable()
export class SyncPrices {
  constructor(
    private readonly openRouter: OpenRouter,
    private readonly prices: ModelPriceRepository,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Takes in what OpenRouter lists now. Throws OpenRouterUnavailable; then the prices known so far stay. */
  async execute(signal: AbortSignal): Promise<void> {
    const models = await this.openRouter.models(signal);
    const now = this.clock.now();
    await this.unitOfWork.runAlone('model-prices', () => this.prices.replace(models, now));
  }
}
