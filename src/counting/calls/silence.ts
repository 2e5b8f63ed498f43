import { BELIEVED_FOR_MS, SAID_EVERY_MS } from './call-books.port.js';

/** Nobody can look dead after a silence as short as this. */
const SHORT_MS = BELIEVED_FOR_MS / 2;
/** Within this time after an outage everybody has said again what they have under way. */
const SAID_AGAIN_MS = 2 * SAID_EVERY_MS + 1_000;

/**
 * Since when an instance must have been heard of to count as alive. After an outage of the books nobody could say anything,
 * and everybody has a moment to do so before they are taken for dead. The same goes for the first question of all: whoever
 * has just started cannot know whether there was an outage.
 */
export class Silence {
  private answeredAt = 0;
  private before = 0;
  private waitsUntil = 0;

  heardSince(now: number): number {
    if (now - this.answeredAt > SHORT_MS) {
      this.before = this.answeredAt;
      this.waitsUntil = now + SAID_AGAIN_MS;
    }
    return (now < this.waitsUntil ? this.before : now) - BELIEVED_FOR_MS;
  }

  /** The books have answered what was asked at this time. */
  end(askedAt: number): void {
    this.answeredAt = askedAt;
  }
}
