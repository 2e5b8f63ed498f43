import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';

const unhurried = new AsyncLocalStorage<true>();

/**
 * A connection to PostgreSQL that hangs up when an answer takes too long: a server that has gone silent, behind a cable
 * that was pulled, keeps nobody waiting for the many minutes until TCP gives it up. Whoever asked sees the connection
 * end. Not the server's own time limits: poolers refuse them, and a silent server keeps none.
 */
export class ImpatientClient extends pg.Client {
  /** Longer than any question takes, waiting for others included; shorter than a request may take in all. */
  static patienceMs = 30_000;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const ask = this.query.bind(this) as (...question: unknown[]) => unknown;
    const askInTime = (...question: unknown[]) => this.inTime(ask(...question));
    this.query = askInTime as typeof this.query;
  }

  private inTime(answer: unknown): unknown {
    if (!(answer instanceof Promise) || unhurried.getStore()) return answer;
    const limit = setTimeout(() => this.connection.stream.destroy(), ImpatientClient.patienceMs);
    return answer.finally(() => clearTimeout(limit));
  }
}

/** For what may take long, such as bringing a large table to a new schema. */
export function withoutHurry<T>(work: () => Promise<T>): Promise<T> {
  return unhurried.run(true, work);
}
