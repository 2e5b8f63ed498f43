/** One run of a background task, as the code that does the work sees it. */
export interface TaskRun {
  /** Aborts when the run has lasted too long or the process stops. */
  readonly signal: AbortSignal;

  /**
   * Call it first inside each unit of work: throws when another instance has taken the task over, so that an owner that
   * was frozen past its lease can write nothing.
   */
  stillOurs(): Promise<void>;
}

/** A run that nobody else can take over: a person asked for it and waits for the answer. */
export const ATTENDED_RUN: TaskRun = { signal: new AbortController().signal, stillOurs: async () => {} };

/** What a run has done, in numbers that the history of runs shows: `{ keys: 12, failed: 1 }`. */
export type TaskFigures = Record<string, number>;
