import { Injectable } from '@nestjs/common';
import type { ApiKey } from '../../api-keys/api-key.entity.js';
import type { TaskRun } from '../../shared/task-run.js';
import type { LinkedKey } from './link-account-keys.use-case.js';
import { isClosed } from './patient-open-router.js';
import { SyncActivity } from './sync-activity.use-case.js';
import { SyncHours } from './sync-hours.use-case.js';
import { SyncMishaps } from './sync-mishaps.js';
import type { KeyOutcome } from './sync-outcome.js';

/** Brings days and hours up to date of the keys that a management key answers for. */
@Injectable()
export class SyncAccountUsage {
  constructor(
    private readonly syncActivity: SyncActivity,
    private readonly syncHours: SyncHours,
    private readonly mishaps: SyncMishaps,
  ) {}

  /** Of keys that another management key of the same user has listed first, that one tells the usage. */
  async execute(
    manager: ApiKey,
    linked: readonly LinkedKey[],
    secret: string,
    outcome: KeyOutcome,
    run: TaskRun,
  ): Promise<void> {
    const own = linked.filter(({ key }) => key.managedById === manager.id);
    if (!(await this.syncActivities(own, secret, outcome, run))) return;
    await this.mishaps.counting(outcome, manager.id, run, () => this.syncHours.execute(own, secret, run));
  }

  /** Returns whether analytics is worth another question. */
  private async syncActivities(
    linked: readonly LinkedKey[],
    secret: string,
    outcome: KeyOutcome,
    run: TaskRun,
  ): Promise<boolean> {
    let isTodayTold = true;
    for (const one of linked) {
      const error = await this.mishaps.counting(outcome, one.key.id, run, async () => {
        const activity = await this.syncActivity.execute(one, secret, isTodayTold, run);
        outcome.rows += activity.rows;
        isTodayTold = activity.isTodayTold;
      });
      if (isClosed(error)) return false;
    }
    return isTodayTold;
  }
}
