import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../../shared/time/clock.port.js';
import { addDays, type Day, dayOf, monthOf } from '../../shared/time/period.js';
import type { TaskFigures, TaskRun } from '../../shared/task-run.js';
import { LOGGER } from '../../shared/tokens.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { booksOf, Bookkeeping } from './bookkeeping.js';
import { type UsageDay, UsageMonth } from '../usage.entity.js';
import { UsageRepository } from '../usage.repository.js';

/** Rows in one unit of work: few enough that nobody waits for it. */
const BATCH = 100;
/** Snapshots older than this are thinned to one a day. */
const HOURLY_SNAPSHOT_DAYS = 7;

/** Folds daily rows past their retention into months, and drops the hours of old days. Totals stay what they are. */
@Injectable()
export class FoldOldUsage {
  constructor(
    private readonly usage: UsageRepository,
    private readonly books: Bookkeeping,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** May stop anywhere: each batch moves its rows wholly or not at all, and the next run goes on. */
  async execute(run: TaskRun): Promise<TaskFigures> {
    const today = dayOf(this.clock.now());
    const firstKept = this.books.firstKept(today);
    const firstHour = this.books.firstKeptHour(today);
    const figures = {
      days_folded: await this.foldBefore(firstKept, run),
      hours_removed: await this.inBatches(run, () => this.usage.removeHoursBefore(firstHour, BATCH)),
      counter_days_removed: await this.inBatches(run, () => this.usage.removeCounterDaysBefore(firstKept, BATCH)),
      snapshots_removed:
        (await this.inBatches(run, () => this.usage.removeSnapshotsBefore(firstKept, BATCH))) +
        (await this.inBatches(run, () => this.usage.thinSnapshotsBefore(addDays(today, -HOURLY_SNAPSHOT_DAYS), BATCH))),
    };
    this.logger.info({ ...figures, before: firstKept }, 'Old usage was folded into months');
    return figures;
  }

  private async foldBefore(firstKept: Day, run: TaskRun): Promise<number> {
    let folded = 0;
    for (;;) {
      run.signal.throwIfAborted();
      const userId = await this.unitOfWork.run(() => this.usage.findOwnerOfDaysBefore(firstKept));
      if (userId === null) return folded;
      folded += await this.foldBatch(userId, firstKept, run);
    }
  }

  private foldBatch(userId: number, firstKept: Day, run: TaskRun): Promise<number> {
    return this.unitOfWork.runAlone(booksOf(userId), async () => {
      await run.stillOurs();
      const days = await this.usage.daysBefore(firstKept, userId, BATCH);
      const keyIds = [...new Set(days.map(({ apiKeyId }) => apiKeyId))];
      // From here on a late correction of these days has no row to go to, and must not make a new one.
      for (const id of keyIds) (await this.usage.findMeter(id))?.close(firstKept);
      const stored = await this.usage.months(keyIds, [...new Set(days.map(({ date }) => monthOf(date)))]);
      const months = new Map(stored.map((month) => [nameOf(month, month.month), month]));
      for (const day of days) {
        this.monthOf(day, months).add(day);
        this.usage.remove(day);
      }
      return days.length;
    });
  }

  private monthOf(day: UsageDay, months: Map<string, UsageMonth>): UsageMonth {
    const name = nameOf(day, monthOf(day.date));
    let month = months.get(name);
    if (!month) {
      month = new UsageMonth(day.userId, day.apiKeyId, monthOf(day.date), day.model);
      months.set(name, month);
      this.usage.add(month);
    }
    return month;
  }

  private async inBatches(run: TaskRun, remove: () => Promise<number>): Promise<number> {
    let removed = 0;
    for (;;) {
      run.signal.throwIfAborted();
      const batch = await this.unitOfWork.run(async () => {
        await run.stillOurs();
        return remove();
      });
      removed += batch;
      if (batch < BATCH) return removed;
    }
  }
}

function nameOf({ apiKeyId, model }: { apiKeyId: number; model: string }, month: string): string {
  return `${apiKeyId} ${month} ${model}`;
}
