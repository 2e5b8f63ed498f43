/** Does a piece of work again and again, one round at a time. What a round could not do is left to the next one. */
export class Rounds {
  private timer?: NodeJS.Timeout;
  private current: Promise<void> | null = null;

  /** `onFailure` hears of a round that failed; if it is not given, nobody does. */
  constructor(
    private readonly work: () => Promise<void>,
    private readonly onFailure: (error: unknown) => void = () => {},
  ) {}

  /** The process does not stay alive for it. */
  every(milliseconds: number): void {
    this.timer = setInterval(() => void this.now(), milliseconds).unref();
  }

  /** A round now, or the one that is under way. Never fails. */
  now(): Promise<void> {
    this.current ??= this.work()
      .catch(this.onFailure)
      .finally(() => (this.current = null));
    return this.current;
  }

  /** No more rounds; resolves when the last one has ended. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.current;
  }
}
