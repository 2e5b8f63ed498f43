import { Injectable } from '@nestjs/common';
import type { ApiKey } from '../../api-keys/api-key.entity.js';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import type { TaskFigures, TaskRun } from '../../shared/task-run.js';
import { UnitOfWork } from '../../shared/unit-of-work.port.js';
import { SyncKey } from './sync-key.use-case.js';
import { SyncMishaps } from './sync-mishaps.js';

const AT_ONCE = 4;

/** Brings the usage of every active key up to date, a few at a time. */
@Injectable()
export class SyncUsage {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly syncKey: SyncKey,
    private readonly mishaps: SyncMishaps,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** A key that fails is counted and does not stop the others; it is asked again in the next run. */
  async execute(run: TaskRun): Promise<TaskFigures> {
    const figures = { keys: 0, synced: 0, failed: 0, discovered: 0, rows: 0 };
    const active = await this.activeKeys();
    // Accounts come last: a registered key is recognised in their list by what it has just said of itself.
    for (const isManagement of [false, true]) {
      const wave = active.filter(({ kind }) => (kind === 'management') === isManagement);
      await fewAtATime(wave, ({ id }) => this.sync(id, figures, run));
    }
    return figures;
  }

  private activeKeys(): Promise<ApiKey[]> {
    return this.unitOfWork.run(async () => {
      const keys: ApiKey[] = [];
      for (const id of await this.keys.listIdsWithSecret()) {
        const key = await this.keys.find(id);
        if (key?.isActive) keys.push(key);
      }
      return keys;
    });
  }

  private async sync(
    keyId: number,
    figures: Record<'keys' | 'synced' | 'failed' | 'discovered' | 'rows', number>,
    run: TaskRun,
  ) {
    run.signal.throwIfAborted();
    figures.keys++;
    try {
      const outcome = await this.syncKey.execute(keyId, run);
      if (outcome?.isSynced) figures.synced++;
      figures.failed += outcome?.failures ?? 0;
      figures.discovered += outcome?.discovered ?? 0;
      figures.rows += outcome?.rows ?? 0;
    } catch (error) {
      await this.mishaps.note(error, keyId, run);
      figures.failed++;
    }
  }
}

/** Ends when all have ended, even if one throws: nothing of this run goes on behind its back. */
async function fewAtATime<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}
