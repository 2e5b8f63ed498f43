import { Injectable } from '@nestjs/common';
import { Clock } from '../shared/time/clock.port.js';
import type { TaskFigures, TaskRun } from '../shared/task-run.js';
import { UnitOfWork } from '../shared/unit-of-work.port.js';
import { NotificationRepository } from './notification.repository.js';

const KEPT_MS = 90 * 24 * 60 * 60_000;
const BATCH = 500;

/** Removes the notifications that were read more than 90 days ago. Unread ones stay. */
@Injectable()
export class ForgetOldNotifications {
  constructor(
    private readonly notifications: NotificationRepository,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async execute(run: TaskRun): Promise<TaskFigures> {
    const firstKept = new Date(this.clock.now().getTime() - KEPT_MS);
    let removed = 0;
    for (let batch = BATCH; batch === BATCH; removed += batch) {
      run.signal.throwIfAborted();
      batch = await this.unitOfWork.run(async () => {
        await run.stillOurs();
        return this.notifications.removeReadBefore(firstKept, BATCH);
      });
    }
    return { notifications_removed: removed };
  }
}
