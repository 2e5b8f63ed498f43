import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';

/** Runs one unit of work after the other; what a failed one has changed stays. */
export class MemoryUnitOfWork extends UnitOfWork {
  /** Thrown by the next units of work, while it is set. */
  failure: Error | null = null;

  private last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(() => {
      if (this.failure) throw this.failure;
      return work();
    });
    this.last = result.catch(() => {});
    return result;
  }

  runUnsynced<T>(work: () => Promise<T>): Promise<T> {
    return this.run(work);
  }

  runAlone<T>(_name: string, work: () => Promise<T>): Promise<T> {
    return this.run(work);
  }
}
