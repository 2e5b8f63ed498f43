import type { JobRun } from './job-run.entity.js';

/** The history of all jobs. To change a run: find it, change it, leave the unit of work. */
export abstract class JobRunRepository {
  abstract add(run: JobRun): void;
  abstract find(id: number): Promise<JobRun | null>;
  /** The last attempt at a slot. */
  abstract findSlot(name: string, slot: Date): Promise<JobRun | null>;
  /** Runs that nobody has finished yet, oldest first; of one job or of all. */
  abstract listRunning(name?: string): Promise<JobRun[]>;
  abstract latest(name: string): Promise<JobRun | null>;
  abstract latestSuccess(name: string): Promise<JobRun | null>;
  /** Returns how many there were. Call it inside a unit of work. */
  abstract removeEndedBefore(instant: Date): Promise<number>;
  /** Newest first. */
  abstract page(name: string, skip: number, limit: number): Promise<{ items: JobRun[]; total: number }>;
}
