import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../../shared/time/clock.port.js';
import type { NanoUsd } from '../../shared/money.js';
import { LOGGER } from '../../shared/tokens.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { GatewayFigures } from '../request-logs/gateway-figures.js';
import { BudgetRepository, type Reservation } from './budget.repository.js';

const MOST_AT_ONCE = 200;
const RETRY_MS = 1_000;

interface Request {
  clientKeyId: number;
  work: () => Promise<boolean>;
  resolve: (isDone: boolean) => void;
  /** Null for what must be done in any case: it is tried again. */
  reject: ((error: unknown) => void) | null;
}

/** Where calls reserve and settle. Those that come while others are served are served together, in one unit of work. */
@Injectable()
export class BudgetDesk implements OnApplicationShutdown {
  private queue: Request[] = [];
  private serving: Promise<void> | null = null;

  constructor(
    private readonly budgets: BudgetRepository,
    private readonly figures: GatewayFigures,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Returns whether the budget was not used up and the amount is held. */
  reserve(reservation: Reservation, budget: NanoUsd): Promise<boolean> {
    const { clientKeyId } = reservation;
    const work = async () => {
      if (await this.budgets.reserve(reservation, budget)) return true;
      const { calls } = await this.budgets.releaseExpired(this.clock.now(), clientKeyId);
      this.figures.expiredReservations += calls;
      return this.budgets.reserve(reservation, budget);
    };
    return new Promise((resolve, reject) => this.enqueue({ clientKeyId, work, resolve, reject }));
  }

  /** Happens in the background. */
  settle(reservation: Reservation, cost: NanoUsd): void {
    const work = async () => {
      await this.budgets.settle(reservation, cost);
      return true;
    };
    this.enqueue({ clientKeyId: reservation.clientKeyId, work, resolve: () => undefined, reject: null });
  }

  async onApplicationShutdown(): Promise<void> {
    this.serve();
    await this.serving;
  }

  private enqueue(request: Request): void {
    this.queue.push(request);
    this.serve();
  }

  private serve(): void {
    if (this.queue.length > 0) this.serving ??= this.serveAll();
  }

  private async serveAll(): Promise<void> {
    while (this.queue.length > 0) {
      // In the same order of keys on every instance, so that no two wait for each other's rows.
      const batch = this.queue.splice(0, MOST_AT_ONCE).toSorted((one, other) => one.clientKeyId - other.clientKeyId);
      try {
        const done = await this.unitOfWork.runUnsynced(() => inTurn(batch));
        for (const [index, { resolve }] of batch.entries()) resolve(done[index]!);
      } catch (error) {
        this.fail(batch, error);
        break;
      }
    }
    // Not any later: a call that may begin may be over at once, and would find nobody who serves.
    this.serving = null;
  }

  private fail(batch: Request[], err: unknown): void {
    this.logger.error({ err }, 'Budgets cannot be booked; trying again.');
    for (const { reject } of batch) reject?.(err);
    this.queue = [...batch.filter(({ reject }) => reject === null), ...this.queue];
    setTimeout(() => this.serve(), RETRY_MS).unref();
  }
}

async function inTurn(batch: readonly Request[]): Promise<boolean[]> {
  const done: boolean[] = [];
  for (const { work } of batch) done.push(await work());
  return done;
}
