/** What time it is. Everything that depends on time asks it, so that a test can say what the time is. */
export abstract class Clock {
  abstract now(): Date;
}
