import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { KeyHours } from '../../open-router/open-router.port.js';
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
import { isFromOpenRouter, PatientOpenRouter } from './patient-open-router.js';
import { wasEverUsed } from './sync-activity.use-case.js';

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

  /** One question for all keys. What OpenRouter does not tell of them stays as their counters show it. */
  async execute(linked: readonly LinkedKey[], secret: string, run: TaskRun): Promise<void> {
    const through = hourOf(this.clock.now());
    const asked = await this.usedKeys(linked, through);
    if (asked.length === 0) return;
    const from = asked.map((one) => one.from).reduce((first, other) => (other < first ? other : first));
    const keys = new Map(asked.map(({ key, listed }) => [listed.hash, key]));
    for (const { hash, ...hours } of await this.ask(asked, secret, from, through, run)) {
      await this.bookHours.execute(keys.get(hash)!, { from, ...hours }, run);
    }
  }

  /** A key that was not used since its hours were read costs no question. */
  private async usedKeys(linked: readonly LinkedKey[], now: Hour): Promise<(LinkedKey & { from: Hour })[]> {
    const used: (LinkedKey & { from: Hour })[] = [];
    for (const one of linked.filter(({ listed }) => wasEverUsed(listed))) {
      const meter = await this.unitOfWork.run(() => this.usage.findMeter(one.key.id));
      const from = hoursToRead(now, meter?.hoursThrough ?? null);
      const { lastUsedAt } = one.listed;
      if (!lastUsedAt || dayOf(lastUsedAt) >= dayOfHour(from)) used.push({ ...one, from });
    }
    return used;
  }

  private async ask(
    asked: readonly LinkedKey[],
    secret: string,
    from: Hour,
    through: Hour,
    run: TaskRun,
  ): Promise<KeyHours[]> {
    try {
      const keys = asked.map(({ listed }) => listed);
      return (await this.openRouter.usageByHour(secret, keys, from, through, run.signal)).answer;
    } catch (error) {
      if (!isFromOpenRouter(error)) throw error;
      this.logger.warn({ keys: asked.length, error: error.name }, 'Analytics did not tell the usage by hour');
      return [];
    }
  }
}
