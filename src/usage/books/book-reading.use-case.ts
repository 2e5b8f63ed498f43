import { Injectable } from '@nestjs/common';
import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import { dayOf } from '../../shared/time/period.js';
import type { TaskRun } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { booksOf, Bookkeeping } from './bookkeeping.js';
import { CounterSnapshot } from './counter-snapshot.entity.js';
import type { Booking } from './growth.js';
import { HourlyBooks } from './hourly-books.js';
import { type Growth, isSameKey, KeyMeter, type Reading } from './key-meter.entity.js';
import { UsageRepository } from '../usage.repository.js';

/** Books what a key's own counters have grown by since they were read last. */
@Injectable()
export class BookReading {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly usage: UsageRepository,
    private readonly books: Bookkeeping,
    private readonly hours: HourlyBooks,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Twice the same reading changes nothing the second time; one that is older than what is known changes nothing at all.
   * False when the key has gone, or got another secret, since it was asked about.
   */
  execute(asked: ApiKey, reading: Reading, run: TaskRun, lastUsedAt: Date | null = null): Promise<boolean> {
    return this.unitOfWork.runAlone(booksOf(asked.userId), async () => {
      await run.stillOurs();
      const key = await this.keys.findToChange(asked.id);
      if (!key || !isSameKey(key, asked)) return false;
      const known = await this.usage.findMeter(key.id);
      if (known?.isStale(reading)) return true;
      const meter = known ?? new KeyMeter(key.id, key, reading);
      if (!known) this.usage.add(meter);
      const growth = known ? known.read(key, reading) : meter.firstGrowth;
      await this.write(key, meter, growth, reading);
      key.wasSynced(reading.answeredAt, lastUsedAt ?? (known && hasGrown(growth) ? reading.askedAt : null));
      return true;
    });
  }

  private async write(key: ApiKey, meter: KeyMeter, growth: Growth, reading: Reading): Promise<void> {
    const today = dayOf(reading.askedAt);
    if (bookingsOf(growth).some(({ spent, late }) => spent !== 0n || late !== 0n)) {
      await this.books.book(meter, growth, today);
      await this.books.settle(key, meter, today);
      await this.hours.grow(meter, growth, today);
    }
    const snapshot = await this.usage.findSnapshot(key.id, today, reading.askedAt.getUTCHours());
    if (snapshot) snapshot.replaceBy(reading);
    else this.usage.add(new CounterSnapshot(key.id, reading));
  }
}

function hasGrown(growth: Growth): boolean {
  return bookingsOf(growth).some(({ spent, late }) => spent + late > 0n);
}

function bookingsOf({ usage, byokUsage }: Growth): Booking[] {
  return [...usage, ...byokUsage];
}
