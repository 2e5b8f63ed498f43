import { CronTime } from 'cron';

/** How far back to look for the latest slot, nearest first: cron expressions can only be followed forwards. */
const LOOK_BACK_MS = [60_000, 3_600_000, 86_400_000, 8 * 86_400_000, 32 * 86_400_000, 367 * 86_400_000];

/** When a job is due. Its slots are minutes in UTC, so no clock change ever doubles or skips one. */
export class Schedule {
  /** Null if the operator has switched the job off. */
  readonly times: CronTime | null;

  /** A cron expression of five fields, or `off`. */
  constructor(readonly expression: string) {
    this.times = expression === 'off' ? null : new CronTime(expression, 'UTC');
  }

  get isOn(): boolean {
    return this.times !== null;
  }

  /** The first slot after an instant. */
  next(after: Date): Date | null {
    return this.times && this.times.getNextDateFrom(after, 'UTC').toJSDate();
  }

  /** The last slot at or before an instant; null if there is none within a year. */
  latest(at: Date): Date | null {
    for (const lookBack of LOOK_BACK_MS) {
      const slot = this.lastBetween(at.getTime() - lookBack - 1000, at);
      if (slot) return slot;
    }
    return null;
  }

  private lastBetween(from: number, to: Date): Date | null {
    let last: Date | null = null;
    for (let slot = this.next(new Date(from)); slot && slot <= to; slot = this.next(slot)) last = slot;
    return last;
  }
}
