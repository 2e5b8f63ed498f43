/** Waiting, where something is only worth asking again after a while. A test's pause takes no time. */
export abstract class Pause {
  /** Returns early, without an error, when the signal aborts. */
  abstract for(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
