import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/time/clock.port.js';
import type { TaskFigures, TaskRun } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { SessionRepository } from './session.repository.js';

/** Removes the sessions that have ended. Nobody could use them any more. */
@Injectable()
export class ForgetOldSessions {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  execute(run: TaskRun): Promise<TaskFigures> {
    return this.unitOfWork.run(async () => {
      await run.stillOurs();
      return { sessions_removed: await this.sessions.removeExpired(this.clock.now()) };
    });
  }
}
