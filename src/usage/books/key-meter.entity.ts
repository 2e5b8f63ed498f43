import type { NanoUsd } from '../../shared/money.js';
import type { Hour } from '../../shared/time/hour.js';
import { addDays, type Day, dayOf, startOf } from '../../shared/time/period.js';
import { type Booking, type CounterState, firstSight, growthBetween, isJustPastMidnight } from './growth.js';

/** Which of OpenRouter's keys is meant: a key here may be given another secret. One of the two is known. */
export interface KeyIdentity {
  readonly secretHash: string | null;
  readonly openRouterHash: string | null;
}

/** Whether both are the same key of OpenRouter's, by whatever is known of both. */
export function isSameKey(one: KeyIdentity, other: KeyIdentity): boolean {
  return (
    (one.secretHash !== null && one.secretHash === other.secretHash) ||
    (one.openRouterHash !== null && one.openRouterHash === other.openRouterHash)
  );
}

/** The counters of a key as OpenRouter told them once. */
export interface Reading {
  askedAt: Date;
  answeredAt: Date;
  usage: NanoUsd;
  usageToday: NanoUsd;
  byokUsage: NanoUsd;
  byokUsageToday: NanoUsd;
  limitRemaining: NanoUsd | null;
}

/** What a reading adds to the books. */
export interface Growth {
  /** It has all come between these two moments, but for what came late. */
  since: Date;
  until: Date;
  usage: Booking[];
  byokUsage: Booking[];
}

/** The last reading of a key's counters: what the next one is compared with. */
export class KeyMeter {
  secretHash: string | null;
  openRouterHash: string | null;
  readAt: Date;
  /** The UTC day that the daily counters are about. */
  day: Day;
  usage: NanoUsd;
  usageToday: NanoUsd;
  byokUsage: NanoUsd;
  byokUsageToday: NanoUsd;
  /** The first day that the counters cover. */
  since: Day;
  /** The last completed day whose activity is in the books. */
  historyThrough: Day | null = null;
  /** Activity is booked from this day on; set when the key got another secret, whose activity is not that of before. */
  historyFrom: Day | null = null;
  /** The last hour that analytics was asked about. */
  hoursThrough: Hour | null = null;
  /** Days before this one are folded into months and change no more. */
  closedBefore: Day | null = null;

  constructor(
    readonly apiKeyId: number,
    { secretHash, openRouterHash }: KeyIdentity,
    first: Reading,
  ) {
    this.secretHash = secretHash;
    this.openRouterHash = openRouterHash;
    this.readAt = first.answeredAt;
    this.day = dayOf(first.askedAt);
    this.since = this.day;
    this.usage = first.usage;
    this.usageToday = first.usageToday;
    this.byokUsage = first.byokUsage;
    this.byokUsageToday = first.byokUsageToday;
  }

  /** What the very first reading adds to the books. */
  get firstGrowth(): Growth {
    const usage = firstSight(this.credits);
    return { since: startOf(this.day), until: this.readAt, usage, byokUsage: firstSight(this.byok) };
  }

  /** An answer says nothing new that was asked for before the last one had come, or that comes out of an older cache. */
  isStale(reading: Reading): boolean {
    return reading.askedAt < this.readAt || this.isYesterdaysAgain(reading);
  }

  /** Takes over a reading of the key that is now behind `apiKeyId`, and tells what has changed since the last one. */
  read(identity: KeyIdentity, reading: Reading): Growth {
    const isReplaced = !isSameKey(this, identity);
    const day = isReplaced ? dayOf(reading.askedAt) : this.dayOf(reading);
    const credits = this.credits;
    const byok = this.byok;
    this.takeOver(identity, reading, day);
    if (isReplaced) return this.startAnew();
    const growth = {
      since: credits.at,
      until: this.readAt,
      usage: growthBetween(credits, this.credits),
      byokUsage: growthBetween(byok, this.byok),
    };
    for (const { date } of [...growth.usage, ...growth.byokUsage]) if (date < this.since) this.since = date;
    return growth;
  }

  /** From which day on the books may still be written, `firstKept` being the first day within retention. */
  writableFrom(firstKept: Day): Day {
    return this.closedBefore && this.closedBefore > firstKept ? this.closedBefore : firstKept;
  }

  /** Whether the activity of this day was read before, even if it was none. */
  isTold(day: Day): boolean {
    return this.historyThrough !== null && day <= this.historyThrough;
  }

  /** Never goes back. */
  readHistoryThrough(day: Day): void {
    if (!this.historyThrough || this.historyThrough < day) this.historyThrough = day;
  }

  /** Never goes back. */
  readHoursThrough(hour: Hour): void {
    if (!this.hoursThrough || this.hoursThrough < hour) this.hoursThrough = hour;
  }

  /** Days before this one change no more. Never reopens a day. */
  close(before: Day): void {
    if (!this.closedBefore || this.closedBefore < before) this.closedBefore = before;
  }

  /** Right after midnight daily counters that rise without the lifetime counters are those of the day before. */
  private isYesterdaysAgain(reading: Reading): boolean {
    const hasRisen = reading.usageToday > this.usageToday || reading.byokUsageToday > this.byokUsageToday;
    const hasSpent = reading.usage > this.usage || reading.byokUsage > this.byokUsage;
    return (
      this.day === dayOf(reading.askedAt) && isJustPastMidnight(reading.askedAt, this.day) && hasRisen && !hasSpent
    );
  }

  /** Another secret, another key: its counters are no continuation, and its activity is not that of the days before. */
  private startAnew(): Growth {
    this.historyFrom = addDays(this.day, 1);
    this.historyThrough = null;
    this.hoursThrough = null;
    return this.firstGrowth;
  }

  private takeOver({ secretHash, openRouterHash }: KeyIdentity, reading: Reading, day: Day): void {
    const { answeredAt: readAt, usage, usageToday, byokUsage, byokUsageToday } = reading;
    Object.assign(this, { secretHash, openRouterHash, readAt, day, usage, usageToday, byokUsage, byokUsageToday });
  }

  private get credits(): CounterState {
    return { at: this.readAt, day: this.day, total: this.usage, today: this.usageToday };
  }

  private get byok(): CounterState {
    return { at: this.readAt, day: this.day, total: this.byokUsage, today: this.byokUsageToday };
  }

  /**
   * The day that a reading's daily counters are about: that of the question, unless they come from a cache that was
   * filled before midnight, which shows in daily counters that went on where yesterday's were.
   */
  private dayOf(reading: Reading): Day {
    const day = dayOf(reading.askedAt);
    const hadSpent = this.usageToday !== 0n || this.byokUsageToday !== 0n;
    const wentOn =
      reading.usageToday - this.usageToday === reading.usage - this.usage &&
      reading.byokUsageToday - this.byokUsageToday === reading.byokUsage - this.byokUsage;
    const mayBeYesterdays = this.day === addDays(day, -1) && isJustPastMidnight(reading.askedAt, day);
    return mayBeYesterdays && hadSpent && wentOn ? this.day : day;
  }
}
