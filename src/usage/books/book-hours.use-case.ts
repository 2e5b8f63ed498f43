import { Injectable } from '@nestjs/common';
import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import { Clock } from '../../shared/time/clock.port.js';
import { dayOf } from '../../shared/time/period.js';
import type { TaskRun } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { booksOf } from './bookkeeping.js';
import { HourlyBooks, type ToldHours } from './hourly-books.js';
import { isSameKey } from './key-meter.entity.js';
import { UsageRepository } from '../usage.repository.js';

/** Replaces what is known of a key's hours by what the account's analytics tells of them. */
@Injectable()
export class BookHours {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly usage: UsageRepository,
    private readonly hours: HourlyBooks,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Twice the same changes nothing the second time. The key's counters must have been booked before. */
  execute(asked: ApiKey, told: ToldHours, run: TaskRun): Promise<void> {
    return this.unitOfWork.runAlone(booksOf(asked.userId), async () => {
      await run.stillOurs();
      const key = await this.keys.find(asked.id);
      const meter = key && isSameKey(key, asked) ? await this.usage.findMeter(key.id) : null;
      if (meter) await this.hours.tell(meter, told, dayOf(this.clock.now()));
    });
  }
}
