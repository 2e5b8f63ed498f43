import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../../shared/time/clock.port.js';
import { LOGGER } from '../../shared/tokens.js';
import { GatewayPicture } from '../directories/gateway-picture.js';
import { ModelPriceRepository } from './model-price.repository.js';
import { PriceList } from './price-list.js';
import { SyncPrices } from './sync-prices.use-case.js';

const LOOKED_EVERY_MS = 5_000;
const FRESH_MS = 3_600_000;
const TRIED_AGAIN_AFTER_MS = 60_000;

/**
 * Sees to it that the list of prices is at most an hour old, as soon as there is an upstream to pay. One instance asks
 * OpenRouter, the others find the new list in the database. While neither can be read, the prices known so far stay.
 */
@Injectable()
export class PriceListKeeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private listedAt = 0;
  private triedAt = Number.NEGATIVE_INFINITY;
  private isFailing = false;
  private looking: Promise<void> = Promise.resolve();
  private timer?: NodeJS.Timeout;
  private readonly stopping = new AbortController();

  constructor(
    private readonly prices: ModelPriceRepository,
    private readonly syncPrices: SyncPrices,
    private readonly list: PriceList,
    private readonly picture: GatewayPicture,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.load();
    this.timer = setInterval(() => void this.look(), LOOKED_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.looking;
  }

  /** One look at a time. */
  look(): Promise<void> {
    this.looking = this.looking.then(() => this.refresh()).catch((err: unknown) => this.tell(err));
    return this.looking;
  }

  private async refresh(): Promise<void> {
    const now = this.clock.now().getTime();
    const isDue = now - this.listedAt >= FRESH_MS && now - this.triedAt >= TRIED_AGAIN_AFTER_MS;
    if (!isDue || !this.picture.hasUpstreams || this.stopping.signal.aborted) return;
    this.triedAt = now;
    // Perhaps another instance was faster.
    await this.load();
    if (now - this.listedAt < FRESH_MS) return;
    await this.syncPrices.execute(this.stopping.signal);
    await this.load();
    if (this.isFailing) this.logger.info('The prices of models can be read again.');
    this.isFailing = false;
  }

  private async load(): Promise<void> {
    const listedAt = (await this.prices.listedAt())?.getTime() ?? 0;
    if (listedAt <= this.listedAt) return;
    this.list.take(await this.prices.all());
    this.listedAt = listedAt;
  }

  private tell(err: unknown): void {
    if (this.isFailing || this.stopping.signal.aborted) return;
    this.isFailing = true;
    this.logger.warn({ err }, 'The prices of models cannot be read. Those known so far stay in force.');
  }
}
