import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/time/clock.port.js';
import { Config } from '../../shared/config.js';
import type { TaskFigures, TaskRun } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { RequestLogRepository } from './request-log.repository.js';

const ROWS_AT_ONCE = 1_000;
const DAY_MS = 86_400_000;

@Injectable()
export class CleanUpLogs {
  constructor(
    private readonly logs: RequestLogRepository,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Removes requests older than LOG_RETENTION_DAYS, a few at a time; one that is exactly as old stays. */
  async execute(run: TaskRun): Promise<TaskFigures> {
    const boundary = new Date(this.clock.now().getTime() - this.config.LOG_RETENTION_DAYS * DAY_MS);
    let removed = 0;
    for (let batch = ROWS_AT_ONCE; batch === ROWS_AT_ONCE; removed += batch) {
      run.signal.throwIfAborted();
      batch = await this.unitOfWork.run(async () => {
        await run.stillOurs();
        return this.logs.removeBefore(boundary, ROWS_AT_ONCE);
      });
    }
    return { removed };
  }
}
