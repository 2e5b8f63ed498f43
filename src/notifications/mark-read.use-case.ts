import { Injectable } from '@nestjs/common';
import { Clock } from '../shared/time/clock.port.js';
import { owned } from '../shared/errors.js';
import { UnitOfWork } from '../shared/unit-of-work.port.js';
import { NotificationRepository } from './notification.repository.js';

/** A user has read one notification. */
@Injectable()
export class MarkRead {
  constructor(
    private readonly notifications: NotificationRepository,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  execute(userId: number, id: number): Promise<void> {
    return this.unitOfWork.run(async () => {
      owned(await this.notifications.find(id), userId, 'notification').markRead(this.clock.now());
    });
  }
}
