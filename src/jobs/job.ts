import type { TaskFigures, TaskRun } from '../shared/task-run.js';
import type { Schedule } from './timing/schedule.js';

/** Something that the service does in the background, again and again. */
export abstract class Job {
  /** What people and the history call it: `usage-sync`. */
  abstract readonly name: string;
  abstract readonly schedule: Schedule;
  /** A run that lasts longer is stopped and counts as failed. */
  readonly longestMs: number = 50 * 60_000;

  abstract work(run: TaskRun): Promise<TaskFigures>;
}

/** Every job of the service. */
export class Jobs {
  constructor(readonly all: readonly Job[]) {}

  find(name: string): Job | undefined {
    return this.all.find((job) => job.name === name);
  }
}
