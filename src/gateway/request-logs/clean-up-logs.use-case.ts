import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/time/clock.port.js';
import { Config } from '../../shared/config.js';
import type { TaskFigures, TaskRun } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { Pause } from '../../shared/time/pause.port.js';
import { RemoveLogDays } from './days/remove-log-days.use-case.js';
import { RequestLogRepository } from './request-log.repository.js';

/** So few that nobody is kept waiting for a tenth of a second, on a slow machine either. */
const ROWS_AT_ONCE = 250;
/** SQLite serves nobody else during a batch, so that others have some time to themselves between two. */
const BETWEEN_BATCHES_MS = 20;
const DAY_MS = 86_400_000;

@Injectable()
export class CleanUpLogs {
  constructor(
    private readonly logs: RequestLogRepository,
    private readonly removeDays: RemoveLogDays,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly pause: Pause,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Removes requests older than LOG_RETENTION_DAYS: whole days first, then a few at a time. One that is exactly as old stays. */
  async execute(run: TaskRun): Promise<TaskFigures> {
    const boundary = new Date(this.clock.now().getTime() - this.config.LOG_RETENTION_DAYS * DAY_MS);
    let removed = await this.removeDays.execute(boundary, run);
    for (let batch = ROWS_AT_ONCE; batch === ROWS_AT_ONCE; removed += batch) {
      await this.pause.for(BETWEEN_BATCHES_MS, run.signal);
      run.signal.throwIfAborted();
      // Should a power failure undo it, the next run does it again.
      batch = await this.unitOfWork.runUnsynced(async () => {
        await run.stillOurs();
        return this.logs.removeBefore(boundary, ROWS_AT_ONCE);
      });
    }
    return { removed };
  }
}
