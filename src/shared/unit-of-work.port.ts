/**
 * Everything that one call of `run` changes is stored together, or not at all. `work` may be done more than once, if the
 * database undoes it because of others: it reads and makes what it changes itself, and changes nothing else.
 */
export abstract class UnitOfWork {
  abstract run<T>(work: () => Promise<T>): Promise<T>;

  /**
   * The same without waiting for the disk: it is stored once this resolves and outlives the process, but within the next
   * second a power failure may still undo it. For what nobody was promised, such as a line in a log.
   */
  abstract runUnsynced<T>(work: () => Promise<T>): Promise<T>;

  /**
   * The same, but of all units of work with one `name` only one runs at a time, over all instances.
   * For rules such as "at most five", which two units side by side could each find kept.
   */
  abstract runAlone<T>(name: string, work: () => Promise<T>): Promise<T>;
}
