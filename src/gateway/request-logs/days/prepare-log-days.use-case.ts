import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/time/clock.port.js';
import { Pause } from '../../../shared/time/pause.port.js';
import { addDays, type Day, dayOf } from '../../../shared/time/period.js';
import { UnitOfWork } from '../../../shared/unit-of-work.port.js';
import { LogDayInUse, LogDays, RestTooFull } from './log-days.port.js';

/** Around today: calls that began before midnight are written down after it, and two days of failures do no harm. */
const AROUND = [-1, 0, 1, 2, 3];
const MOST_TRIES = 20;
const BETWEEN_TRIES_MS = 500;

/** A day that has no room in the log, and why. */
export interface DayWithoutRoom {
  day: Day;
  why: LogDayInUse | RestTooFull;
}

@Injectable()
export class PrepareLogDays {
  constructor(
    private readonly days: LogDays,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
    private readonly pause: Pause,
  ) {}

  /**
   * Makes room in the log for the days to come; returns those that still have none: until it is asked for again, their rows
   * are kept with all others. Of several instances each may ask at any time.
   */
  async execute(signal?: AbortSignal): Promise<DayWithoutRoom[]> {
    const today = dayOf(this.clock.now());
    const without: DayWithoutRoom[] = [];
    for (const day of await this.days.missing(AROUND.map((days) => addDays(today, days)))) {
      const why = await this.makeRoom(day, signal);
      if (why) without.push({ day, why });
    }
    return without;
  }

  private async makeRoom(day: Day, signal?: AbortSignal): Promise<DayWithoutRoom['why'] | null> {
    for (let tries = 1; ; tries++) {
      try {
        await this.unitOfWork.runAlone('request-log-days', () => this.days.makeRoom(day));
        return null;
      } catch (error) {
        if (error instanceof RestTooFull) return error;
        if (!(error instanceof LogDayInUse)) throw error;
        if (tries === MOST_TRIES || signal?.aborted) return error;
        await this.pause.for(BETWEEN_TRIES_MS, signal);
      }
    }
  }
}
