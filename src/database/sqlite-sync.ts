import { AsyncLocalStorage } from 'node:async_hooks';
import { open } from 'node:fs/promises';

const SYNCED_AFTER_MS = 500;

/** True within a transaction that need not wait for the disk. */
export const unsynced = new AsyncLocalStorage<boolean>();

/**
 * Brings a write-ahead log to the disk half a second after it was told to, in a thread of its own: SQLite itself would stop
 * everything else in this process meanwhile.
 */
export class LogSync {
  private timer?: NodeJS.Timeout;

  constructor(private readonly path: string) {}

  soon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.sync();
    }, SYNCED_AFTER_MS).unref();
  }

  private async sync(): Promise<void> {
    try {
      await using log = await open(`${this.path}-wal`, 'r+');
      await log.datasync();
    } catch {
      // Where the log is gone, the database has all that stood in it.
    }
  }
}
