import { Injectable } from '@nestjs/common';
import { Clock } from '../shared/time/clock.port.js';
import { UnitOfWork } from '../shared/unit-of-work.port.js';
import { NotificationRepository } from './notification.repository.js';

/** A user has read everything there is. */
@Injectable()
export class MarkAllRead {
  constructor(
    private readonly notifications: NotificationRepository,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  execute(userId: number): Promise<void> {
    return this.unitOfWork.run(() => this.notifications.markAllRead(userId, this.clock.now()));
  }
}
