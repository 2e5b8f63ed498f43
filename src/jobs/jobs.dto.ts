import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsWholeNumber } from '../shared/http/fields/whole-number.field.js';
import type { TaskFigures } from '../shared/task-run.js';
import type { JobState } from './job-board.js';
import { type JobRun, OUTCOMES, type RunOutcome } from './runs/job-run.entity.js';

/** Which part of a job's history to show. */
export class JobRunsQuery {
  /** The page, from 1 on. @example 1 */
  @IsOptional()
  @IsWholeNumber(1, 1_000_000)
  page: number = 1;

  /** How many runs a page has. @example 20 */
  @IsOptional()
  @IsWholeNumber(1, 100)
  page_size: number = 20;
}

/** One run of a job. */
export class JobRunView {
  /** When it began. @example "2026-06-15T12:00:00.000Z" */
  started_at!: string;

  /** When it ended; null while it runs. @example "2026-06-15T12:00:04.200Z" */
  finished_at!: string | null;

  /** How long it took, in milliseconds; null while it runs. @example 4200 */
  @ApiProperty({ type: 'integer', nullable: true })
  duration_ms!: number | null;

  /** What came of it; `abandoned` when the instance that ran it died. @example "succeeded" */
  @ApiProperty({ enum: OUTCOMES })
  outcome!: RunOutcome;

  /** The minute of the schedule that it was for; null if a person asked for it. @example "2026-06-15T12:00:00.000Z" */
  slot!: string | null;

  /** What it has done, in numbers. @example {"keys":12,"failed":1} */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' }, nullable: true })
  figures!: TaskFigures | null;

  /** Why it did not succeed; null if it did. @example "It took longer than 50 minutes." */
  @ApiProperty({ type: 'string', nullable: true })
  error!: string | null;

  static of(run: JobRun): JobRunView {
    return {
      started_at: run.startedAt.toISOString(),
      finished_at: run.finishedAt?.toISOString() ?? null,
      duration_ms: run.durationMs,
      outcome: run.outcome,
      slot: run.slot?.toISOString() ?? null,
      figures: run.figures && sorted(run.figures),
      error: run.error,
    };
  }
}

/** A job: when it runs, and what came of it last. */
export class JobView {
  /** What to call it when you run it. @example "usage-sync" */
  name!: string;

  /** A cron expression in UTC, or `off`. @example "0 * * * *" */
  schedule!: string;

  /** Whether it runs by itself. @example true */
  enabled!: boolean;

  /** Whether it is running now, on any instance. @example false */
  running!: boolean;

  /** Its last run; null if there was none. */
  @ApiProperty({ type: JobRunView, nullable: true })
  last_run!: JobRunView | null;

  /** When it is due next; null if it does not run by itself. @example "2026-06-15T13:00:00.000Z" */
  next_run!: string | null;

  static of({ job, isRunning, lastRun, nextRun }: JobState): JobView {
    return {
      name: job.name,
      schedule: job.schedule.expression,
      enabled: job.schedule.isOn,
      running: isRunning,
      last_run: lastRun && JobRunView.of(lastRun),
      next_run: nextRun?.toISOString() ?? null,
    };
  }
}

/** A page of a job's history. */
export class JobRunPage {
  /** The runs, newest first. */
  items!: JobRunView[];

  /** How many runs there are on all pages. @example 42 */
  @ApiProperty({ type: 'integer' })
  total!: number;

  /** This page. @example 1 */
  @ApiProperty({ type: 'integer' })
  page!: number;

  /** How many runs a page has. @example 20 */
  @ApiProperty({ type: 'integer' })
  page_size!: number;

  /** How many pages there are. @example 3 */
  @ApiProperty({ type: 'integer' })
  total_pages!: number;

  static of({ items, total }: { items: JobRun[]; total: number }, { page, page_size }: JobRunsQuery): JobRunPage {
    return { items: items.map(JobRunView.of), total, page, page_size, total_pages: Math.ceil(total / page_size) };
  }
}

/** PostgreSQL keeps no order of its own among a JSON object's members. */
function sorted(figures: TaskFigures): TaskFigures {
  return Object.fromEntries(Object.entries(figures).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
