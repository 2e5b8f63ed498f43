import { Injectable } from '@nestjs/common';
import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import type { ModelUsage } from '../../open-router/open-router.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { type Day, dayOf } from '../../shared/time/period.js';
import type { TaskRun } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { booksOf, Bookkeeping } from './bookkeeping.js';
import { isSameKey, type KeyMeter } from './key-meter.entity.js';
import { UNATTRIBUTED, UsageDay } from '../usage.entity.js';
import { UsageRepository } from '../usage.repository.js';

/** Days of one key as the activity tells them: everything it says of each of them. */
export interface Activity {
  days: Day[];
  usage: ModelUsage[];
  /** False: the day is still going on, and this is what it came to so far. */
  isCompleted: boolean;
}

/** Replaces what is known of a key's days by what the account's activity tells of them. */
@Injectable()
export class BookActivity {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly usage: UsageRepository,
    private readonly books: Bookkeeping,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Models that the activity does not name any more are removed; spend that it cannot explain stays `unattributed`.
   * Returns how many rows stand under a model now. The key's counters must have been booked before.
   */
  execute(asked: ApiKey, activity: Activity, run: TaskRun): Promise<number> {
    return this.unitOfWork.runAlone(booksOf(asked.userId), async () => {
      await run.stillOurs();
      const key = await this.keys.find(asked.id);
      const meter = key && isSameKey(key, asked) ? await this.usage.findMeter(key.id) : null;
      if (!key || !meter) return 0;
      const today = dayOf(this.clock.now());
      const told = this.bookable(meter, activity, today);
      const written = await this.replace(key, told);
      await this.books.tell(meter, told.days);
      await this.books.settle(key, meter, today);
      const last = told.days.at(-1);
      if (told.isCompleted && last !== undefined) meter.readHistoryThrough(last);
      return written;
    });
  }

  /** Only days that may still be written, of the secret that the key has now; of today only while it is today. */
  private bookable(meter: KeyMeter, { days, usage, isCompleted }: Activity, today: Day): Activity {
    const first = this.books.firstWritable(meter, today);
    const from = meter.historyFrom && meter.historyFrom > first ? meter.historyFrom : first;
    const open = new Set(days.filter((day) => day >= from && (isCompleted ? day < today : day === today)));
    const named = usage.filter(({ date, model }) => open.has(date) && model !== UNATTRIBUTED);
    return { days: [...open].toSorted(), usage: named, isCompleted };
  }

  private async replace(key: ApiKey, { days, usage }: Activity): Promise<number> {
    const rows = new Map((await this.usage.attributedDays(key.id, days)).map((row) => [nameOf(row), row]));
    for (const { date, model, ...figures } of usage) {
      const row = rows.get(nameOf({ date, model })) ?? new UsageDay(key.userId, key.id, date, model);
      Object.assign(row, figures);
      if (!rows.delete(nameOf(row))) this.usage.add(row);
    }
    for (const vanished of rows.values()) this.usage.remove(vanished);
    return usage.length;
  }
}

function nameOf({ date, model }: Pick<ModelUsage, 'date' | 'model'>): string {
  return `${date} ${model}`;
}
