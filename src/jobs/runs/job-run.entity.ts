import { DomainError } from '../../shared/errors.js';
import type { TaskFigures } from '../../shared/task-run.js';

/** `abandoned`: the instance that ran it died, or froze for so long that another one took over. */
export const OUTCOMES = ['running', 'succeeded', 'failed', 'abandoned'] as const;
export type RunOutcome = (typeof OUTCOMES)[number];

const LONGEST_ERROR = 500;

/** One run of a job, as the history tells it. A run that a person asked for has no slot. */
export class JobRun {
  readonly id!: number;
  outcome: RunOutcome = 'running';
  finishedAt: Date | null = null;
  /** What it has done, in numbers. */
  figures: TaskFigures | null = null;
  /** Why it did not succeed, in a sentence without secrets. */
  error: string | null = null;

  constructor(
    readonly name: string,
    /** The minute that the schedule names. Each slot has one run; a further attempt only after an abandoned one. */
    readonly slot: Date | null,
    readonly attempt: number,
    /** The instance that runs it. */
    readonly owner: string,
    /** That of the lease under which it runs. */
    readonly fencing: number,
    readonly startedAt: Date,
  ) {}

  succeed(figures: TaskFigures, at: Date): void {
    this.end('succeeded', at);
    this.figures = figures;
  }

  /** `figures`: what it did before it failed, if it could tell. */
  fail(error: string, at: Date, figures: TaskFigures | null = null): void {
    this.end('failed', at);
    this.error = error.slice(0, LONGEST_ERROR);
    this.figures = figures;
  }

  abandon(at: Date): void {
    this.end('abandoned', at);
    this.error = 'The instance that ran it stopped answering.';
  }

  get durationMs(): number | null {
    return this.finishedAt && Math.max(0, this.finishedAt.getTime() - this.startedAt.getTime());
  }

  private end(outcome: RunOutcome, at: Date): void {
    this.outcome = outcome;
    this.finishedAt = at;
  }
}

/** One run of a job at a time. */
export class JobRunning extends DomainError {
  readonly refusal = 'conflict';
  readonly code = 'job_running';

  constructor(name: string) {
    super(`The job ${name} is running already. Wait until it has finished.`);
  }
}

/** A run was stopped before it had finished. */
export class RunStopped extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RunStopped';
  }
}
