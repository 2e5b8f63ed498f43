import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/time/clock.port.js';
import type { TaskFigures, TaskRun } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { JobRunRepository } from './job-run.repository.js';

const KEPT_DAYS = 90;
const DAY_MS = 86_400_000;

/** Removes from the history what ended long ago. */
@Injectable()
export class ForgetOldRuns {
  constructor(
    private readonly runs: JobRunRepository,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  execute(run: TaskRun): Promise<TaskFigures> {
    const firstKept = new Date(this.clock.now().getTime() - KEPT_DAYS * DAY_MS);
    return this.unitOfWork.run(async () => {
      await run.stillOurs();
      return { runs_removed: await this.runs.removeEndedBefore(firstKept) };
    });
  }
}
