import type { NanoUsd } from '../../shared/money.js';
import { type Day, dayOf } from '../../shared/time/period.js';
import type { Reading } from './key-meter.entity.js';

/** What a key's counters showed in one hour, the last reading of that hour. */
export class CounterSnapshot {
  readonly id!: number;
  readonly date: Day;
  /** 0 to 23, UTC. */
  readonly hour: number;
  takenAt: Date;
  usage: NanoUsd;
  byokUsage: NanoUsd;
  limitRemaining: NanoUsd | null;

  constructor(
    readonly apiKeyId: number,
    reading: Reading,
  ) {
    this.date = dayOf(reading.askedAt);
    this.hour = reading.askedAt.getUTCHours();
    this.takenAt = reading.answeredAt;
    this.usage = reading.usage;
    this.byokUsage = reading.byokUsage;
    this.limitRemaining = reading.limitRemaining;
  }

  replaceBy(reading: Reading): void {
    this.takenAt = reading.answeredAt;
    this.usage = reading.usage;
    this.byokUsage = reading.byokUsage;
    this.limitRemaining = reading.limitRemaining;
  }
}
