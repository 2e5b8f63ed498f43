import { Injectable } from '@nestjs/common';
import type { TaskRun } from '../../../shared/task-run.js';
import { Pause } from '../../../shared/time/pause.port.js';
import { type Day, dayOf } from '../../../shared/time/period.js';
import { UnitOfWork } from '../../../shared/unit-of-work.port.js';
import { LogDayInUse, LogDays } from './log-days.port.js';

const MOST_TRIES = 20;
const BETWEEN_TRIES_MS = 500;

@Injectable()
export class RemoveLogDays {
  constructor(
    private readonly days: LogDays,
    private readonly unitOfWork: UnitOfWork,
    private readonly pause: Pause,
  ) {}

  /** Removes the days of the log that lie wholly before an instant; returns how many rows they had. */
  async execute(before: Date, run: TaskRun): Promise<number> {
    let removed = 0;
    for (const day of await this.days.listBefore(dayOf(before))) removed += await this.remove(day, run);
    return removed;
  }

  /** A day that somebody reads all the time, such as a backup, is left to the next run, and its rows to whoever removes single ones. */
  private async remove(day: Day, run: TaskRun): Promise<number> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      run.signal.throwIfAborted();
      try {
        return await this.unitOfWork.run(async () => {
          await run.stillOurs();
          return this.days.remove(day);
        });
      } catch (error) {
        if (!(error instanceof LogDayInUse)) throw error;
        await this.pause.for(BETWEEN_TRIES_MS, run.signal);
      }
    }
    return 0;
  }
}
