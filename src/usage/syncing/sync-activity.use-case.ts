import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { isFromOpenRouter, type AccountKey } from '../../open-router/open-router.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { addDays, type Day, dayOf } from '../../shared/time/period.js';
import type { TaskRun } from '../../shared/task-run.js';
import { LOGGER } from '../../shared/tokens.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { BookActivity } from '../books/book-activity.use-case.js';
import { completedDaysToRead } from './history.js';
import type { LinkedKey } from './link-account-keys.use-case.js';
import { PatientOpenRouter } from './patient-open-router.js';
import { UsageRepository } from '../usage.repository.js';

/** Days that are booked in one unit of work: few enough that nobody waits for it. */
const DAYS_AT_ONCE = 7;

/** What reading one key's activity came to. */
export interface ActivityOutcome {
  rows: number;
  /** Whether it is worth asking for the next key's today. */
  isTodayTold: boolean;
}

/** Reads through a management key what one key of the account has used, by day and model. */
@Injectable()
export class SyncActivity {
  constructor(
    private readonly usage: UsageRepository,
    private readonly openRouter: PatientOpenRouter,
    private readonly bookActivity: BookActivity,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Throws what OpenRouter answers when it does not tell the completed days. Of a key that was never used, asks nothing. */
  async execute(linked: LinkedKey, secret: string, withToday: boolean, run: TaskRun): Promise<ActivityOutcome> {
    if (!wasEverUsed(linked.listed)) return { rows: 0, isTodayTold: withToday };
    const rows = await this.completedDays(linked, secret, run);
    if (!withToday) return { rows, isTodayTold: false };
    try {
      return { rows: rows + (await this.today(linked, secret, run)), isTodayTold: true };
    } catch (error) {
      if (!isFromOpenRouter(error)) throw error;
      this.logger.warn({ api_key_id: linked.key.id, error: error.name }, 'Analytics did not tell the usage of today');
      return { rows, isTodayTold: false };
    }
  }

  /** One call tells all completed days; asked day by day it would be three. */
  private async completedDays({ key, listed }: LinkedKey, secret: string, run: TaskRun): Promise<number> {
    const meter = await this.unitOfWork.run(() => this.usage.findMeter(key.id));
    const { askedAt, answer } = await this.openRouter.activity(secret, listed.hash, run.signal);
    const yesterday = addDays(dayOf(askedAt), -1);
    const isTold = (day: Day) => day !== yesterday || answer.some(({ date }) => date === yesterday);
    // Right after midnight yesterday may not be there yet; until it is, what analytics told of it stays.
    const told = answer.map(({ date }) => date);
    const days = completedDaysToRead(yesterday, meter?.historyThrough ?? null, told).filter(isTold);
    let rows = 0;
    for (let start = 0; start < days.length; start += DAYS_AT_ONCE) {
      const some = days.slice(start, start + DAYS_AT_ONCE);
      rows += await this.bookActivity.execute(key, { days: some, usage: answer, isCompleted: true }, run);
    }
    return rows;
  }

  /** A key that was not used today costs no call, and an answer without a row is none: analytics lags behind. */
  private async today({ key, listed }: LinkedKey, secret: string, run: TaskRun): Promise<number> {
    const day = dayOf(this.clock.now());
    if (!wasUsedOn(listed, day)) return 0;
    const { answer } = await this.openRouter.usageOfDay(secret, listed.hash, day, run.signal);
    if (answer.length === 0) return 0;
    return this.bookActivity.execute(key, { days: [day], usage: answer, isCompleted: false }, run);
  }
}

/** Free models cost nothing: a key may have been used without having spent anything. */
export function wasEverUsed({ usage, byokUsage, lastUsedAt }: AccountKey): boolean {
  return usage !== 0n || byokUsage !== 0n || lastUsedAt !== null;
}

function wasUsedOn({ usageToday, byokUsageToday, lastUsedAt }: AccountKey, day: Day): boolean {
  return usageToday !== 0n || byokUsageToday !== 0n || (lastUsedAt !== null && dayOf(lastUsedAt) === day);
}
