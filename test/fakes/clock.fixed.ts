import { Clock } from '../../src/shared/time/clock.port.js';

/** Stands still until it is told to move. */
export class FixedClock extends Clock {
  private instant: number;

  constructor(iso = '2026-06-15T12:00:00.000Z') {
    super();
    this.instant = Date.parse(iso);
  }

  now(): Date {
    return new Date(this.instant);
  }

  set(iso: string): void {
    this.instant = Date.parse(iso);
  }

  advance(seconds: number): void {
    this.instant += seconds * 1000;
  }
}
