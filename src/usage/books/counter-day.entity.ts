import type { NanoUsd } from '../../shared/money.js';
import type { Day } from '../../shared/time/period.js';
import type { Booking } from './growth.js';

/** What a key's own counters show for one UTC day, without a word on models. See settlement.ts. */
export class CounterDay {
  readonly id!: number;
  spent: NanoUsd = 0n;
  late: NanoUsd = 0n;
  byokSpent: NanoUsd = 0n;
  byokLate: NanoUsd = 0n;
  /** Whether the activity has spoken of this day. */
  isTold = false;
  /** Whether it lies before the counters were first read. */
  isBackfilled = false;

  constructor(
    readonly apiKeyId: number,
    readonly date: Day,
  ) {}

  book({ spent, late }: Booking): void {
    this.countFromNowOn();
    this.spent += spent;
    this.late += late;
  }

  bookByok({ spent, late }: Booking): void {
    this.countFromNowOn();
    this.byokSpent += spent;
    this.byokLate += late;
  }

  /** The day is older than the counters' first reading: what the activity tells now counts as what they showed. */
  backfill(cost: NanoUsd, byokCost: NanoUsd): void {
    this.isBackfilled = true;
    this.spent = cost;
    this.byokSpent = byokCost;
  }

  /** The counters turn out to cover this day: what the activity told at first is theirs no longer. */
  private countFromNowOn(): void {
    if (!this.isBackfilled) return;
    this.isBackfilled = false;
    this.spent = 0n;
    this.byokSpent = 0n;
  }
}
