import type { Day } from '../../../shared/time/period.js';

/**
 * The days of the log, where the database keeps each in a place of its own that is removed as a whole. Rows of a day without
 * one are kept with all others. Writing belongs into a unit of work.
 */
export abstract class LogDays {
  /** Those of the days that have no place yet; none where the database has no such places. */
  abstract missing(days: readonly Day[]): Promise<Day[]>;
  /** Makes a place for a day, and takes the rows there that the log has of it. Throws LogDayInUse or RestTooFull. */
  abstract makeRoom(day: Day): Promise<void>;

  /** The days before one that have a place, oldest first. */
  abstract listBefore(day: Day): Promise<Day[]>;
  /** Removes a day and all its rows; returns how many. Throws LogDayInUse. */
  abstract remove(day: Day): Promise<number>;
}

/** Somebody works with a day, and nobody was to wait for that longer than a moment. It may be tried again. */
export class LogDayInUse extends Error {
  constructor() {
    super('Somebody, such as a backup, reads the log all the time.');
  }
}

/** Too many rows are kept without a day of their own: whoever writes would wait for long while they are looked through. */
export class RestTooFull extends Error {
  constructor() {
    super('request_logs_rest has too many rows. docs/scaling.md says how to give them their days.');
  }
}
