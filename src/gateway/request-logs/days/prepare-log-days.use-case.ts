import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/time/clock.port.js';
import { addDays, dayOf } from '../../../shared/time/period.js';
import { UnitOfWork } from '../../../shared/unit-of-work.port.js';
import { LogDayInUse, LogDays } from './log-days.port.js';

/** Around today: calls that began before midnight are written down after it, and the day after tomorrow can wait until tomorrow. */
const AROUND = [-1, 0, 1, 2, 3];

@Injectable()
export class PrepareLogDays {
  constructor(
    private readonly days: LogDays,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Makes room in the log for the days to come. Of several instances each may ask at any time. */
  async execute(): Promise<void> {
    const today = dayOf(this.clock.now());
    for (const day of await this.days.missing(AROUND.map((days) => addDays(today, days)))) {
      try {
        await this.unitOfWork.runAlone('request-log-days', () => this.days.makeRoom(day));
      } catch (error) {
        // Until it is asked for again, rows of that day are kept with all others.
        if (!(error instanceof LogDayInUse)) throw error;
      }
    }
  }
}
