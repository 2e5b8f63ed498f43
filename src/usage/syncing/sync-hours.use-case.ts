import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { isFromOpenRouter, type KeyHours, type WantedHours } from '../../open-router/open-router.port.js';
import { Clock } from '../../shared/time/clock.port.js';
import { dayOfHour, type Hour, hourOf } from '../../shared/time/hour.js';
import { dayOf } from '../../shared/time/period.js';
import type { TaskRun } from '../../shared/task-run.js';
import { LOGGER } from '../../shared/tokens.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { BookHours } from '../books/book-hours.use-case.js';
import { UsageRepository } from '../usage.repository.js';
import { hoursToRead } from './history.js';
import type { LinkedKey } from './link-account-keys.use-case.js';
import { PatientOpenRouter } from './patient-open-router.js';
import { wasEverUsed } from './sync-activity.use-case.js';

interface UsedKey extends LinkedKey {
  /** The first hour that is to be read. */
  from: Hour;
  /** The last one that was read, empty if none was. */
  readThrough: Hour;
}

/** Reads through a management key what the keys of its account have used lately, by hour and model. */
@Injectable()
export class SyncHours {
  constructor(
    private readonly usage: UsageRepository,
    private readonly openRouter: PatientOpenRouter,
    private readonly bookHours: BookHours,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * One question for all keys. What OpenRouter does not tell of them stays as their counters show it. Keys whose hours
   * were read longest ago come first, so that each has its turn where one sync cannot ask about them all.
   */
  async execute(linked: readonly LinkedKey[], secret: string, run: TaskRun): Promise<void> {
    const through = hourOf(this.clock.now());
    const used = await this.usedKeys(linked, through);
    if (used.length === 0) return;
    const wanted = used
      .toSorted((one, other) =>
        one.readThrough < other.readThrough ? -1 : one.readThrough > other.readThrough ? 1 : 0,
      )
      .map(({ listed: { hash, name }, from }) => ({ hash, name, from }));
    const keys = new Map(used.map(({ key, listed }) => [listed.hash, key]));
    for (const { hash, ...hours } of await this.ask(wanted, secret, through, run)) {
      await this.bookHours.execute(keys.get(hash)!, hours, run);
    }
  }

  /** A key that was not used since its hours were read costs no question. */
  private async usedKeys(linked: readonly LinkedKey[], now: Hour): Promise<UsedKey[]> {
    const used: UsedKey[] = [];
    for (const one of linked.filter(({ listed }) => wasEverUsed(listed))) {
      const meter = await this.unitOfWork.run(() => this.usage.findMeter(one.key.id));
      const readThrough = meter?.hoursThrough ?? null;
      const from = hoursToRead(now, readThrough);
      const { lastUsedAt } = one.listed;
      if (!lastUsedAt || dayOf(lastUsedAt) >= dayOfHour(from))
        used.push({ ...one, from, readThrough: readThrough ?? '' });
    }
    return used;
  }

  private async ask(wanted: WantedHours[], secret: string, through: Hour, run: TaskRun): Promise<KeyHours[]> {
    try {
      const { answer } = await this.openRouter.usageByHour(secret, wanted, through, run.signal);
      const [keys, told] = [wanted.length, answer.length];
      if (told < keys) this.logger.info({ keys, told }, 'Analytics told the usage by hour of some keys only');
      return answer;
    } catch (error) {
      if (!isFromOpenRouter(error)) throw error;
      this.logger.warn({ keys: wanted.length, error: error.name }, 'Analytics did not tell the usage by hour');
      return [];
    }
  }
}
